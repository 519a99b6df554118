from pathlib import Path

import pytest

from studio.api import StudioError
from studio.engine.runs.folder import RunFolder
from studio.engine.runs.lock import Lock
from studio.engine.training.executors import JobSpec, JobState
from studio.engine.training.executors.local import LocalExecutor
from studio.engine.training.queue import QueueRunner, waiting
from tests.faults.toys import entries, make, wait_until


class Pretender:
    """An executor whose trainings only hold their locks."""

    def __init__(self) -> None:
        self.held: dict[str, Lock] = {}
        self.local = LocalExecutor()
        self.broken = False

    def submit(self, spec: JobSpec) -> bool:
        if self.broken:
            raise StudioError("No process can be started.")
        folder = RunFolder(Path(spec.folder))
        held = folder.take()
        assert held is not None
        folder.leave_queue()
        self.held[spec.run] = held
        return True

    def poll(self, spec: JobSpec) -> JobState:
        return self.local.poll(spec)

    def stop(self, spec: JobSpec) -> None:
        self.held.pop(spec.run).release()


@pytest.fixture
def pretender() -> Pretender:
    return Pretender()


@pytest.fixture
def runs(tmp_path: Path) -> list[RunFolder]:
    return [make(tmp_path) for _ in range(4)]


def test_that_the_first_come_is_the_first_trained(tmp_path: Path, runs: list[RunFolder], pretender: Pretender):
    queue = QueueRunner(tmp_path, pretender)
    for k in range(4):
        queue.fill()
        queue.fill()
        assert list(pretender.held) == [runs[k].id]
        pretender.held.pop(runs[k].id).release()


def test_that_as_many_train_as_there_are_slots(tmp_path: Path, runs: list[RunFolder], pretender: Pretender):
    queue = QueueRunner(tmp_path, pretender, slots=2)
    queue.fill()
    assert list(pretender.held) == [runs[0].id, runs[1].id]
    queue.slots = 3
    queue.fill()
    assert list(pretender.held) == [run.id for run in runs[:3]]


def test_that_the_queue_survives_a_restart_and_counts_what_still_trains(
    tmp_path: Path, runs: list[RunFolder], pretender: Pretender
):
    QueueRunner(tmp_path, pretender).fill()
    later = Pretender()
    queue = QueueRunner(tmp_path, later)
    queue.fill()
    assert later.held == {}
    pretender.held[runs[0].id].release()
    queue.fill()
    assert list(later.held) == [runs[1].id]
    assert [folder.id for folder in waiting(tmp_path)] == [runs[2].id, runs[3].id]


def test_that_a_run_that_cannot_be_started_says_why_and_lets_the_next_one_go(
    tmp_path: Path, runs: list[RunFolder], pretender: Pretender
):
    pretender.broken = True
    queue = QueueRunner(tmp_path, pretender)
    queue.fill()
    event = entries(runs[0])[-1].event
    assert (event.kind, getattr(event, "error", "")) == ("failed", "No process can be started.")
    pretender.broken = False
    queue.fill()
    assert list(pretender.held) == [runs[1].id]


def test_that_the_thread_starts_what_waits_when_a_slot_frees(tmp_path: Path, runs: list[RunFolder], pretender: Pretender):
    queue = QueueRunner(tmp_path, pretender)
    queue.start()
    wait_until(lambda: runs[0].id in pretender.held)
    pretender.held[runs[0].id].release()
    wait_until(lambda: runs[1].id in pretender.held)
    queue.close()
    pretender.held[runs[1].id].release()
    assert len(waiting(tmp_path)) == 2


def test_that_an_empty_or_missing_store_is_no_trouble(tmp_path: Path, pretender: Pretender):
    QueueRunner(tmp_path / "none", pretender).fill()
    assert pretender.held == {}
