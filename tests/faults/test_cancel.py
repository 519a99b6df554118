"""A run ends within three seconds of the user's word, whatever its plugin does."""

import time
from pathlib import Path

import pytest

from studio.api import StudioError
from studio.api.events import Cancelled
from studio.engine.runs.catalog import Catalog
from studio.engine.runs.folder import RunFolder
from studio.engine.training.control import cancel, pause, resume
from studio.engine.training.launch import launch
from tests.faults.conftest import Nursery
from tests.faults.toys import entries, kinds, last_step, make, wait_until


def state(folder: RunFolder) -> str:
    return Catalog(folder.path.parent, folder.path.parents[1] / "index.sqlite").info(folder.id).state


def test_that_a_plugin_that_hears_nothing_is_gone_within_three_seconds(nursery: Nursery, store: Path):
    folder = make(store, 100, fault="deaf", at=3, delay=0.03, checkpoint_every=0.05)
    nursery.start(folder)
    wait_until(lambda: last_step(folder) == 3)
    begun = time.monotonic()
    cancel(folder)
    assert time.monotonic() - begun < 3.0
    assert state(folder) == "cancelled"
    assert kinds(folder).count("cancelled") == 1
    assert folder.checkpoints.load() is not None
    assert list(folder.previews.glob("*.npz"))


def test_that_a_cancelled_run_keeps_its_last_preview_and_the_last_step(nursery: Nursery, store: Path):
    folder = make(store, 100_000, delay=0.01, preview_every=0.05)
    nursery.start(folder)
    wait_until(lambda: last_step(folder) > 20)
    begun = time.monotonic()
    cancel(folder)
    assert time.monotonic() - begun < 1.5, "a trainer that listens ends by itself"
    assert state(folder) == "cancelled"
    assert kinds(folder).count("cancelled") == 1
    latest = folder.checkpoints.latest()
    assert latest is not None
    assert entries(folder)[-1].event == Cancelled(step=latest.step)


def test_that_a_waiting_run_is_cancelled_at_once_and_can_wait_again(store: Path):
    folder = make(store)
    begun = time.monotonic()
    cancel(folder)
    assert time.monotonic() - begun < 0.5
    assert state(folder) == "cancelled"
    resume(folder)
    assert state(folder) == "queued"
    pause(folder)
    assert state(folder) == "paused"


def test_that_a_lost_run_can_be_cancelled_and_a_done_one_stays_done(nursery: Nursery, store: Path):
    folder = make(store)
    folder.leave_queue()
    assert state(folder) == "lost"
    cancel(folder)
    assert state(folder) == "cancelled"
    cancel(folder)
    assert kinds(folder) == ["cancelled"]


def test_that_pausing_what_does_not_run_says_so(store: Path):
    folder = make(store)
    folder.leave_queue()
    with pytest.raises(StudioError, match="nothing to pause"):
        pause(folder)


@pytest.mark.timeout(300)
def test_that_a_paused_run_is_not_paused_again_when_it_is_resumed(store: Path):
    folder = make(store, 100_000, delay=0.01)
    assert launch(folder)
    wait_until(lambda: last_step(folder) > 3)
    with pytest.raises(StudioError, match="running already"):
        resume(folder)
    pause(folder)
    wait_until(lambda: state(folder) == "paused", what="the pause")
    reached = last_step(folder)
    resume(folder)
    assert launch(folder)
    wait_until(lambda: last_step(folder) > reached + 5, 120, what="steps after the pause")
    assert state(folder) == "running"
    cancel(folder)
