"""All that the engine does with runs, behind one door."""

from collections.abc import Callable
from pathlib import Path

from studio.api.events import Entry
from studio.api.values import Samples
from studio.engine.engine import Estimate, RunInfo
from studio.engine.plane import Layer
from studio.engine.plugins.registry import Registry
from studio.engine.runs.catalog import Catalog
from studio.engine.runs.folder import create, find
from studio.engine.runs.journal import Reader
from studio.engine.runs.preview import read_layers, read_preview
from studio.engine.runs.request import TrainRequest
from studio.engine.runs.trash import Trash
from studio.engine.training import control
from studio.engine.training.check import check, disabled, provenance, title
from studio.engine.training.estimate import Estimator
from studio.engine.training.executors.local import LocalExecutor
from studio.engine.training.inputs import with_inputs
from studio.engine.training.queue import QueueRunner
from studio.engine.training.spare import Spare


class Runs:
    """The runs of one home; one object per engine. Safe to call from several threads.

    Args:
        home: the user's folder; the runs lie in `home/runs`.
        registry: gives what the installed plugins offer, as it is now.
        slots: trainings at once.
    """

    def __init__(self, home: Path, registry: Callable[[], Registry], slots: int = 1) -> None:
        self.store = home / "runs"
        self._registry = registry
        self._catalog = Catalog(self.store, home / "index.sqlite")
        self._readers: dict[str, Reader] = {}
        self._trash = Trash(self.store)
        self._estimator = Estimator(self.store)
        self._spare = Spare()
        self._queue = QueueRunner(self.store, LocalExecutor(self._spare), slots)

    def start(self) -> None:
        """Begin to work on the queue (a daemon thread), and keep a spare trainer warm in the background."""
        self._trash.empty()
        self._queue.start()
        self._spare.prepare()

    def close(self) -> None:
        """Stop working on the queue; trainers go on."""
        self._queue.close()
        self._spare.close()

    def set_slots(self, slots: int) -> None:
        """How many trainings may run at once."""
        self._queue.slots = slots

    def list(self) -> list[RunInfo]:
        """Every run, the newest first; cheap enough to be called several times a second."""
        return self._catalog.list()

    def info(self, id: str) -> RunInfo:
        """One run; StudioError where there is none."""
        return self._catalog.info(id)

    def events(self, id: str, after: int = -1) -> "list[Entry]":
        """What the journal says after entry number `after`; a `Started` says from which step a resumed run goes on."""
        folder = find(self.store, id)
        return self._readers.setdefault(id, Reader(folder.journal)).read(after)

    def preview(self, id: str, file: str) -> Samples:
        """The samples of a `Preview` event's `file`; tokens as int64 indices."""
        return read_preview(find(self.store, id), file)

    def layers(self, id: str, file: str) -> tuple[Layer, ...]:
        """What the method showed of itself in the plane beside those samples."""
        return read_layers(find(self.store, id), file)

    def estimate(self, request: TrainRequest) -> Estimate:
        """What a run would take; measured in a process of its own the first time (seconds), then remembered."""
        registry = self._registry()
        checked = with_inputs(check(request, registry), registry, self.store)
        return self._estimator.estimate(checked, self.list(), disabled(registry))

    def train(self, request: TrainRequest) -> RunInfo:
        """Check a request and queue it; it starts at once where a slot is free.

        Raises:
            StudioError: the request cannot be trained, or the disk refuses.
        """
        registry = self._registry()
        checked = with_inputs(check(request, registry), registry, self.store)
        plugin, version = provenance(checked, registry)
        folder = create(
            self.store, checked, title=title(checked, registry), plugin=plugin, version=version, disabled=disabled(registry)
        )  # fmt: skip
        self._queue.fill()
        return self.info(folder.id)

    def pause(self, id: str) -> None:
        """Ask a run to stop with a checkpoint; returns at once."""
        control.pause(find(self.store, id))

    def resume(self, id: str) -> None:
        """Queue a run again; it goes on from its last checkpoint."""
        control.resume(find(self.store, id))
        self._queue.fill()

    def cancel(self, id: str) -> None:
        """End a run within three seconds, whatever its plugin does; returns when it is gone."""
        control.cancel(find(self.store, id))

    def delete(self, id: str) -> None:
        """Move a run that is not running to the trash."""
        self._trash.delete(find(self.store, id))
        self._readers.pop(id, None)

    def restore(self, id: str) -> None:
        """Bring a deleted run back."""
        self._trash.restore(id)
