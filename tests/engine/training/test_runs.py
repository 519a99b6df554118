"""The whole way of a run, as the engine goes it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from studio.api import StudioError
from studio.api.events import Exported, Preview
from studio.engine.plugins.discover import discover
from studio.engine.runs.folder import RunFolder
from studio.engine.training.assemble import Shop
from studio.engine.training.runs import Runs
from studio.kit.training import Fit
from tests.faults.memory import Memory
from tests.faults.toys import make, request, wait_until


@pytest.fixture
def runs(store: Path) -> Iterator[Runs]:
    runs = Runs(store.parent, discover)
    yield runs
    runs.close()


@pytest.mark.timeout(300)
def test_that_a_run_trains_pauses_goes_on_and_exports_the_weights_of_an_uninterrupted_one(runs: Runs):
    started = runs.train(request(60, delay=0.02, checkpoint_every=1000))
    assert (started.state, started.title) == ("running", "Toy on Cloud")
    wait_until(lambda: runs.info(started.id).step > 20)
    runs.pause(started.id)
    wait_until(lambda: runs.info(started.id).state == "paused")
    assert 20 < runs.info(started.id).step < 60
    runs.resume(started.id)
    wait_until(lambda: runs.info(started.id).state != "running", 240, what="the end")
    info = runs.info(started.id)
    assert (info.state, info.reason, info.step, info.model) == ("done", "", 60, f"run:{started.id}")
    events = [entry.event for entry in runs.events(started.id)]
    assert [events[0].kind, events[1].kind, events[-1].kind] == ["started", "preview", "done"]
    assert [event.kind for event in events].count("started") == 2
    exported = next(event for event in events if isinstance(event, Exported))
    assert max(exported.parity.values()) < 1e-4
    assert (runs.store / started.id / exported.folder / "sample.onnx").is_file()
    assert np.array_equal(runs.preview(started.id, "step-000060.npz").array, preview_in_one_go(60, runs.store))


def preview_in_one_go(steps: int, store: Path) -> NDArray[Any]:
    job = Shop(discover(), store).assemble(request(steps))
    memory = Memory()
    Fit(job.generator, job.source, job.settings, memory).run()
    return memory.shown[steps]


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
    assert samples.array.shape == (256, 2)
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
    for _ in range(500):
        make(store).leave_queue()
    runs.list()
    begun = time.process_time()
    assert len(runs.list()) == 500
    assert time.process_time() - begun < 0.1
