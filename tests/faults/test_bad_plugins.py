"""Plugins that fail in every way: the run says what happened, whose fault it was and what to do."""

import os
from pathlib import Path
from typing import Any

import pytest

from studio.api.events import Failed
from studio.engine.engine import RunInfo
from studio.engine.runs.catalog import Catalog
from studio.engine.runs.folder import RunFolder
from studio.engine.training import output
from studio.engine.training.launch import launch
from tests.faults.conftest import Nursery
from tests.faults.toys import entries, kinds, make, wait_until


def info(folder: RunFolder) -> RunInfo:
    return Catalog(folder.path.parent, folder.path.parents[1] / "index.sqlite").info(folder.id)


def failure(nursery: Nursery, folder: RunFolder) -> Failed:
    nursery.start(folder)
    wait_until(lambda: "failed" in kinds(folder), what="the failure")
    wait_until(lambda: not folder.alive())
    event = entries(folder)[-1].event
    assert isinstance(event, Failed)
    assert info(folder).reason == event.error
    return event


def test_that_a_plugin_that_raises_is_named_with_its_traceback(nursery: Nursery, store: Path):
    failed = failure(nursery, make(store, fault="raise", at=3))
    assert failed.error == "RuntimeError: the toy is broken"
    assert failed.culprit == "toy 1.0"
    assert "toy_trainers.py" in failed.traceback


def test_that_a_plugin_that_quits_python_fails_its_run(nursery: Nursery, store: Path):
    failed = failure(nursery, make(store, fault="quit", at=3))
    assert failed.error == "SystemExit: 3"
    assert failed.culprit == "toy 1.0"


def test_that_a_loss_that_is_no_number_keeps_the_last_finite_checkpoint(nursery: Nursery, store: Path):
    folder = make(store, fault="nan", at=7, checkpoint_every=1e-9)
    failed = failure(nursery, folder)
    assert "not a finite number" in failed.error
    assert "lower learning rate" in failed.error
    assert (failed.culprit, failed.traceback) == ("", "")
    loaded = folder.checkpoints.load()
    assert loaded is not None
    assert loaded[0].step == 7
    assert info(folder).latest == {"loss": None}


def test_that_running_out_of_memory_names_the_batch_size_to_try(nursery: Nursery, store: Path):
    failed = failure(nursery, make(store, fault="out_of_memory", at=1, batch_size=32))
    assert "Halve the batch size (from 32 to 16)" in failed.error


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"method": "toi"}, "did you mean 'toy'"), ({"dataset": "nothing"}, "no data set"),
        ({"size": 0}, "'size' must be at least 1"),
        ({"device": "cuda:7"}, "device 'cuda:7' cannot be used"), ({"precision": "float16", "device": "cpu"}, "float16"),
    ],
)  # fmt: skip
def test_that_a_request_that_does_not_fit_fails_in_words(nursery: Nursery, store: Path, given: dict[str, Any], words: str):
    failed = failure(nursery, make(store, **given))
    assert words in failed.error
    assert failed.traceback == ""


def gone(folder: RunFolder) -> RunInfo:
    assert launch(folder)
    wait_until(lambda: not folder.alive() and folder.exit_code() is not None, what="the trainer's end")
    return info(folder)


def test_that_a_native_crash_is_told_with_its_signal_and_place(store: Path):
    folder = make(store, fault="segfault", at=3)
    found = gone(folder)
    assert found.state == "lost"
    assert "SIGSEGV" in found.reason
    assert "native code" in found.reason
    assert "toy_trainers.py" in folder.output.read_text()


def test_that_leaving_without_a_word_is_told_with_its_code(store: Path):
    found = gone(make(store, fault="exit", at=3))
    assert found.state == "lost"
    assert "code 7" in found.reason
    assert "step 0" in found.reason


@pytest.mark.parametrize("fault", ["flood", "native_flood"])
def test_that_printing_without_end_does_not_fill_the_disk(nursery: Nursery, store: Path, fault: str):
    folder = make(store, 1, fault=fault, at=0)
    nursery.start(folder)
    sizes: list[int] = []
    wait_until(lambda: "step" in kinds(folder) or sizes.append(size(folder)), what="the end of the flood")
    wait_until(lambda: size(folder) <= output.LARGEST, 5)
    assert max(sizes, default=0) <= (output.LARGEST if fault == "flood" else 150_000_000)
    wait_until(lambda: b"output was cut here" in folder.output.read_bytes(), 5, what="the cut")


def size(folder: RunFolder) -> int:
    try:
        return os.stat(folder.output).st_size  # noqa: PTH116
    except FileNotFoundError:
        return 0


def test_that_all_output_is_kept_in_order(nursery: Nursery, store: Path):
    folder = make(store, 8, fault="print", at=5)
    nursery.start(folder)
    wait_until(lambda: "from native code\n" * 1 in (folder.output.read_text() if folder.output.exists() else ""))
    wait_until(lambda: "at step 7" in folder.output.read_text())
    assert folder.output.read_text().startswith("at step 5\nfrom native code\nat step 6\nfrom native code\nat step 7\n")
