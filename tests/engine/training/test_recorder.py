import time
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.api import Points, Signature, Stopped
from studio.api.events import Done, Message, Preview, Step
from studio.engine.runs.folder import RunFolder
from studio.engine.runs.journal import Journal
from studio.engine.runs.preview import read_layers, read_preview
from studio.engine.training import recorder as module
from studio.engine.training.checkpoint import unpack
from studio.engine.training.recorder import FolderRecorder
from studio.kit.insight import Arrows, Lines, Surface
from tests.faults.toys import entries, kinds, make


class Clock:
    """A time that passes only when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return make(tmp_path / "runs")


@pytest.fixture
def recorder(folder: RunFolder, clock: Clock) -> FolderRecorder:
    return FolderRecorder(folder, Journal(folder.journal))


def step(k: int, seconds: float = 0.001) -> Step:
    return Step(stage="train", step=k, total=None, seconds=seconds, values={"loss": 1.0})


def steps(folder: RunFolder) -> list[int]:
    return [entry.event.step for entry in entries(folder) if isinstance(entry.event, Step)]


def test_that_a_fast_training_writes_few_lines_and_always_its_last_step(
    recorder: FolderRecorder, folder: RunFolder, clock: Clock
):
    for k in range(10_000):
        recorder.report(step(k))
        clock.now += 0.001
    recorder.end(Done(step=9999, seconds=10))
    assert 300 < len(steps(folder)) < 520
    assert steps(folder)[-1] == 9999
    assert kinds(folder)[-1] == "done"


def test_that_ten_hours_fit_in_a_journal_that_is_read_in_a_second(recorder: FolderRecorder, folder: RunFolder, clock: Clock):
    for k in range(36_000):
        recorder.report(step(k))
        clock.now += 1.0
    assert 30_000 < len(steps(folder)) <= 36_000
    clock.now, before = 1e6, len(steps(folder))
    for k in range(1000):
        recorder.report(step(k))
        clock.now += 0.01
    assert len(steps(folder)) - before <= 11


def test_that_every_validation_is_written_after_the_step_before_it(recorder: FolderRecorder, folder: RunFolder):
    for k in range(5):
        recorder.report(step(k))
        recorder.report(step(k, seconds=0.0))
    assert steps(folder) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]


def test_that_nothing_overtakes_a_step(recorder: FolderRecorder, folder: RunFolder):
    recorder.report(step(1))
    recorder.report(step(2))
    recorder.report(Message(text="hello"))
    assert kinds(folder) == ["step", "step", "message"]


@pytest.mark.parametrize("word", ["pause", "cancel"])
def test_that_reporting_and_being_stopped_are_one_call(recorder: FolderRecorder, folder: RunFolder, word: str):
    recorder.report(step(3))
    folder.ask(word)
    with pytest.raises(Stopped):
        recorder.report(step(4))
    recorder.end(recorder.ending())
    assert kinds(folder)[-1] == {"pause": "paused", "cancel": "cancelled"}[word]
    assert entries(folder)[-1].event == recorder.ending()
    assert recorder.ending().step == 4


def test_that_previews_of_a_long_run_are_thinned_but_the_last_is_kept(recorder: FolderRecorder, folder: RunFolder, clock: Clock):
    for k in range(7200):
        recorder.preview(k, np.full((1, 2), k, np.float32), {})
        clock.now += 5.0
    recorder.end(Done(step=7199, seconds=1))
    shown = [entry.event for entry in entries(folder) if isinstance(entry.event, Preview)]
    assert 500 < len(shown) < 1500
    assert shown[-1].step == 7199
    with np.load(folder.path / shown[-1].file) as arrays:
        assert arrays["samples"].tolist() == [[7199.0, 7199.0]]


def test_that_insights_are_kept_beside_the_samples_and_come_back_as_layers(recorder: FolderRecorder, folder: RunFolder):
    folder.signature.write_text(Signature(space=Points(dimensions=2)).model_dump_json())
    values, lines = torch.rand(3, 4), torch.rand(2, 5, 2)
    insights = {
        "energy": Surface(values, reach=2.5),
        "vector_field": Arrows(torch.zeros(6, 2), torch.ones(6, 2)),
        "paths": Lines(lines),
    }
    recorder.preview(9, np.ones((1, 2), np.float32), insights)
    event = next(entry.event for entry in entries(folder) if isinstance(entry.event, Preview))
    assert len(event.model_dump_json()) < 200
    layers = {layer.name: layer for layer in read_layers(folder, event.file)}
    assert [layer.kind for layer in layers.values()] == ["surface", "arrows", "lines"]
    assert layers["energy"].reach == 2.5
    np.testing.assert_array_equal(np.frombuffer(layers["energy"].values, "<f4").reshape(layers["energy"].shape), values)
    assert np.frombuffer(layers["vector_field"].values, "<f4").reshape(6, 4).tolist() == [[0, 0, 1, 1]] * 6
    np.testing.assert_array_equal(np.frombuffer(layers["paths"].values, "<f4").reshape(layers["paths"].shape), lines)
    assert read_preview(folder, event.file).array.shape == (1, 2)


def test_that_a_checkpoint_gives_back_what_was_saved(recorder: FolderRecorder, folder: RunFolder):
    facts = {"dict": [[0, {"list": [1.5, None, True, float("inf")]}]]}
    recorder.save(7, {"weights": torch.arange(3.0), "one": torch.tensor(2)}, facts)
    loaded = folder.checkpoints.load()
    assert loaded is not None
    tensors, found = unpack(loaded[1])
    assert found == facts
    assert tensors["weights"].tolist() == [0.0, 1.0, 2.0]
    assert kinds(folder) == ["checkpointed"]


def test_that_a_report_costs_little(folder: RunFolder):
    recorder = FolderRecorder(folder, Journal(folder.journal))
    begun = time.process_time()
    for k in range(2000):
        recorder.report(step(k))
    assert (time.process_time() - begun) / 2000 < 200e-6
