"""kill -9 at any instant: no run becomes unreadable, and no more than one checkpoint interval is lost."""

import json
import os
import random
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from studio.api.events import Checkpointed, Entry, Started
from studio.engine.plugins.discover import discover
from studio.engine.runs.catalog import Catalog
from studio.engine.runs.folder import RunFolder
from studio.engine.runs.preview import read_preview
from studio.engine.training.assemble import Shop
from studio.engine.training.checkpoint import unpack
from studio.kit.training import Fit
from tests.faults.conftest import Nursery
from tests.faults.memory import Memory
from tests.faults.toys import curve, entries, kinds, last_step, make, request, wait_until

INTERVAL = 0.1
SIZE = 20_000
SLACK = 1.0
"""Seconds that a checkpoint may take to be written on a busy machine."""


def uninterrupted(steps: int, store: Path) -> dict[int, float | None]:
    """The losses of the same run, trained in one go."""
    job = Shop(discover(), store).assemble(request(steps, size=SIZE))
    memory = Memory()
    Fit(job.generator, job.source, job.settings, memory).run()
    return memory.losses


def kill_at_random(nursery: Nursery, folder: RunFolder, chance: random.Random) -> None:
    seen = len(entries(folder))
    pid = nursery.start(folder)
    if chance.random() < 0.5:
        wait_until(lambda: "step" in kinds(folder)[seen:], what="a step of this start")
    time.sleep(chance.uniform(0, 0.35))
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not folder.alive(), what="the trainer's end")


def check(folder: RunFolder, store: Path) -> None:
    """All that is on disk can be read, and what is lost is no more than one interval."""
    found = entries(folder)
    assert [entry.seq for entry in found] == list(range(len(found)))
    assert json.loads(folder.request.read_bytes())["id"] == folder.id
    loaded = folder.checkpoints.load()
    if any(isinstance(entry.event, Checkpointed) for entry in found):
        assert loaded is not None
        assert loaded[2] == "", "the newest checkpoint was broken"
        unpack(loaded[1])
    for file in folder.previews.glob("*.npz"):
        assert np.isfinite(read_preview(folder, file.name).array).all()
    assert Catalog(store, store.parent / "index.sqlite").info(folder.id).state in ("lost", "queued")
    assert lost_seconds(found) <= INTERVAL + SLACK


def lost_seconds(found: list[Entry]) -> float:
    """From the last checkpoint (or the last start) to the last entry."""
    safe = [entry.time for entry in found if isinstance(entry.event, Checkpointed | Started)]
    return found[-1].time - safe[-1] if found else 0.0


@pytest.mark.parametrize("kills", [12, pytest.param(100, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
def test_that_a_trainer_killed_at_random_instants_loses_at_most_one_interval(nursery: Nursery, store: Path, kills: int):
    chance = random.Random(kills)
    folder = make(store, 100_000, delay=0.025, size=SIZE, checkpoint_every=INTERVAL, preview_every=0.1)
    for _ in range(kills):
        kill_at_random(nursery, folder, chance)
        check(folder, store)
    started = [entry.event.step for entry in entries(folder) if isinstance(entry.event, Started)]
    assert started == sorted(started), "a later start went on from an earlier step"
    assert started[-1] > 0
    expected, found = uninterrupted(last_step(folder), store), curve(folder)
    assert len(found) > kills
    assert found == {step: expected[step] for step in found}


def test_that_every_start_goes_on_from_the_newest_checkpoint(nursery: Nursery, store: Path):
    folder = make(store, 100_000, delay=0.02, checkpoint_every=INTERVAL)
    nursery.start(folder)
    wait_until(lambda: last_step(folder) > 20)
    os.kill(folder.pid() or 0, signal.SIGKILL)
    wait_until(lambda: not folder.alive())
    loaded = folder.checkpoints.load()
    assert loaded is not None
    nursery.start(folder)
    starts = wait_until(lambda: [entry.event for entry in entries(folder) if isinstance(entry.event, Started)][1:])
    assert starts[0].step == loaded[0].step > 0


def test_that_sigterm_pauses_with_a_checkpoint_of_the_last_step(nursery: Nursery, store: Path):
    folder = make(store, 100_000, delay=0.02, checkpoint_every=1000)
    pid = nursery.start(folder)
    wait_until(lambda: last_step(folder) > 3)
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not folder.alive())
    last = entries(folder)[-1].event
    assert last.kind == "paused"
    latest = folder.checkpoints.latest()
    assert latest is not None
    assert latest.step == last.step == last_step(folder)
