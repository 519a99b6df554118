"""What a run folder's request.json holds."""

from studio.api.frozen import Frozen
from studio.engine.runs.request import TrainRequest


class RunRecord(Frozen):
    """A request, and what was true when it was made; `plugin` and `version` tell whose code trains.

    `disabled` are the plugins that were switched off then; a trainer imports them no more than the engine did.
    """

    format: int = 1
    id: str
    title: str
    created: float
    request: TrainRequest
    plugin: str = ""
    version: str = ""
    disabled: tuple[str, ...] = ()
