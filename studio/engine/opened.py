"""Models kept open between executions, so that a slider's next picture does not wait for a file to be read."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.engine.models.model import Model

KEPT_OPEN = 16


class OpenedModels:
    """Opened models by reference and provider; the least recently used are forgotten."""

    def __init__(self) -> None:
        self._models: OrderedDict[tuple[str, str, str], Model] = OrderedDict()
        self._lock = Lock()

    def open(self, reference: str, provider: str) -> Model:
        """A model of the caller's own, which nobody else's stop interrupts; it shares what is loaded.

        Raises:
            StudioError: there is none of that name, or it cannot be opened.
        """
        from studio.engine.models.model import Model

        with self._lock:
            known = self._known(reference, provider)
        return Model(known.folder, known.card, known.provider, known.note, 0)

    def _known(self, reference: str, provider: str) -> Model:
        from studio.engine.models.catalog import identity, resolve
        from studio.engine.models.model import Model

        key = (reference, provider, identity(reference))
        if key not in self._models:
            self._models[key] = Model.open(resolve(reference), provider)
        self._models.move_to_end(key)
        while len(self._models) > KEPT_OPEN:
            self._models.popitem(last=False)
        return self._models[key]
