"""What passes between the engine and the process that measures a request."""

from pathlib import Path

from studio.api.frozen import Frozen
from studio.engine.runs.request import TrainRequest


class Question(Frozen):
    """What would this request take? `disabled` plugins are not imported, `store` is where the runs lie."""

    request: TrainRequest
    store: Path
    disabled: tuple[str, ...] = ()


class Measured(Frozen):
    """Trainable weights, bytes in use after some steps, and seconds for one; `error` tells why not, in words."""

    parameters: int = 0
    memory: int = 0
    seconds_per_step: float = 0.0
    error: str = ""
