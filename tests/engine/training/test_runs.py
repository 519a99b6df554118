"""The whole way of a run, as the engine goes it."""

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from studio.api import StudioError
from studio.api.events import Exported, Preview
from studio.engine.plugins.discover import discover
from studio.engine.runs.folder import RunFolder
from studio.engine.training.runs import Runs
from tests.faults.toys import curve, kinds, request, wait_until


@pytest.fixture
def runs(store: Path) -> Iterator[Runs]:
    runs = Runs(store.parent, discover)
    yield runs
    runs.close()


def test_that_a_run_trains_exports_and_tells_all_of_it(runs: Runs):
    started = runs.train(request(20))
    assert (started.state, started.title) == ("running", "Toy on Cloud")
    wait_until(lambda: runs.info(started.id).state != "running", what="the end")
    info = runs.info(started.id)
    assert (info.state, info.reason, info.step, info.model) == ("done", "", 20, f"run:{started.id}")
    assert info.latest["loss"] is not None
    events = [entry.event for entry in runs.events(started.id)]
    assert [events[0].kind, events[1].kind, events[-1].kind] == ["started", "preview", "done"]
    exported = next(event for event in events if isinstance(event, Exported))
    assert max(exported.parity.values()) < 1e-4
    assert (runs.store / started.id / exported.folder / "sample.onnx").is_file()


def test_that_a_spare_shows_the_first_preview_within_two_seconds(runs: Runs, store: Path):
    runs.start()
    spare = runs._spare._process
    assert spare is not None
    wait_until(lambda: (Path("/proc") / str(spare.pid) / "wchan").exists() and idle(spare.pid), what="a warm spare")
    begun = time.monotonic()
    started = runs.train(request(100_000, delay=0.01))
    first = wait_until(lambda: [e.event for e in runs.events(started.id) if isinstance(e.event, Preview)], 20)[0]
    assert time.monotonic() - begun < 2.0
    samples = runs.preview(started.id, first.file)
    assert samples.array.shape == (16, 2)
    assert samples.space.kind == "points"
    assert RunFolder(store / started.id).pid() == spare.pid
    runs.cancel(started.id)


def idle(pid: int) -> bool:
    """Whether a process has used no processor time for a while."""
    used = cpu(pid)
    time.sleep(0.5)
    return used > 1.0 and cpu(pid) - used < 0.02


def cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_that_pause_and_resume_give_the_same_weights_as_one_go(runs: Runs):
    whole, parts = (runs.train(request(60, delay=0.02, checkpoint_every=1000)) for _ in range(2))
    wait_until(lambda: runs.info(whole.id).state == "done")
    runs._queue.fill()
    wait_until(lambda: runs.info(parts.id).step > 20)
    runs.pause(parts.id)
    wait_until(lambda: runs.info(parts.id).state == "paused")
    assert 20 < runs.info(parts.id).step < 60
    runs.resume(parts.id)
    wait_until(lambda: runs.info(parts.id).state == "done")
    first, second = (RunFolder(runs.store / info.id) for info in (whole, parts))
    assert kinds(second).count("started") == 2
    assert curve(first)[60] == curve(second)[60]
    last = [runs.preview(info.id, "step-000060.npz").array for info in (whole, parts)]
    assert np.array_equal(*last)


def test_that_a_deleted_run_is_gone_and_comes_back(runs: Runs, store: Path):
    blocker = runs.train(request(100_000, delay=0.05))
    waiting = runs.train(request(5))
    assert waiting.state == "queued"
    with pytest.raises(StudioError, match="is running; cancel it"):
        runs.delete(blocker.id)
    runs.delete(waiting.id)
    assert [info.id for info in runs.list()] == [blocker.id]
    runs.restore(waiting.id)
    assert {info.id for info in runs.list()} == {blocker.id, waiting.id}
    runs.cancel(blocker.id)


@pytest.mark.parametrize("call", ["info", "events", "pause", "resume", "cancel", "delete", "restore"])
def test_that_an_unknown_run_is_named(runs: Runs, call: str):
    with pytest.raises(StudioError, match="There is no run 'nobody'"):
        getattr(runs, call)("nobody")


def test_that_five_hundred_runs_are_listed_in_no_time(runs: Runs, store: Path):
    from tests.faults.toys import make

    for _ in range(500):
        make(store).leave_queue()
    runs.list()
    begun = time.process_time()
    assert len(runs.list()) == 500
    assert time.process_time() - begun < 0.1
