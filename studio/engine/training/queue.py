"""The queue: whatever run folder says it waits, in order, as many at once as there are slots."""

import threading
from contextlib import suppress
from pathlib import Path

from studio.api.errors import StudioError
from studio.api.events import Failed
from studio.engine.runs import lock
from studio.engine.runs.folder import RunFolder, names
from studio.engine.runs.journal import append
from studio.engine.training.executors.executor import Executor, JobSpec

PERIOD = 0.5


class QueueRunner:
    """Starts the next run whenever a slot is free; it has no memory of its own, so it may die and begin again at any time.

    Trainers that an earlier runner started are found by their locks and take up their slots.

    Args:
        store: the folder of the run folders.
        executor: where trainings run.
        slots: trainings at once.
    """

    def __init__(self, store: Path, executor: Executor, slots: int = 1) -> None:
        self.store = store
        self.executor = executor
        self.slots = slots
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True, name="queue")

    def start(self) -> None:
        """Look at the queue twice a second until `close`."""
        self._thread.start()

    def close(self) -> None:
        """Start nothing more; what runs goes on."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def fill(self) -> None:
        """Start what waits and fits, now; of several runners on one store only one does at a time."""
        if not waiting(self.store):
            return
        turn = lock.take(self.store / ".queue.lock")
        if turn is None:
            return
        with turn:
            queue = waiting(self.store)
            free = self.slots - sum(self._spec_state(name) == "running" for name in names(self.store)) if queue else 0
            for folder in queue[: max(0, free)]:
                self._submit(folder)

    def _spec_state(self, name: str) -> str:
        return self.executor.poll(_spec(RunFolder(self.store / name))).state

    def _submit(self, folder: RunFolder) -> None:
        try:
            self.executor.submit(_spec(folder))
        except StudioError as error:
            fail(folder, str(error))

    def _work(self) -> None:
        while not self._closing.wait(PERIOD):
            with suppress(StudioError, OSError):
                self.fill()


def waiting(store: Path) -> list[RunFolder]:
    """The runs that wait, the next first."""
    folders = [RunFolder(store / name) for name in names(store) if (store / name / "queued").exists()]
    placed = [(place, folder.id, folder) for folder in folders if (place := folder.place()) is not None]
    return [folder for _, _, folder in sorted(placed, key=lambda item: item[:2])]


def fail(folder: RunFolder, text: str) -> None:
    """Write down why a run could not be started; it no longer waits."""
    held = folder.take()
    if held is not None:
        with held:
            append(folder.journal, Failed(error=text))
            folder.leave_queue()


def _spec(folder: RunFolder) -> JobSpec:
    return JobSpec(run=folder.id, folder=str(folder.path))
