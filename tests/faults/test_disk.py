"""Writes that fail: what was there before is whole, and the words say what to do."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from studio.api.events import Failed, Message
from studio.engine.runs import atomic
from studio.engine.runs.atomic import DiskError, write_atomically
from studio.engine.runs.catalog import Catalog
from studio.engine.runs.checkpoints import Checkpoints
from studio.engine.runs.journal import Journal, append, read
from studio.engine.training.launch import launch
from tests.faults.conftest import Nursery
from tests.faults.toys import entries, kinds, make, wait_until

CALLS = ("open", "write", "fsync", "replace", "ftruncate")


class PowerCut(BaseException):
    """From here on nothing reaches the disk."""


class Saboteur:
    """Lets the first `good` calls to the disk pass; then fails one (with ENOSPC), or all (a power cut)."""

    def __init__(self, good: int, cut: bool) -> None:
        self.left = good
        self.cut = cut

    def wrap(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **given: Any) -> Any:
            self.left -= 1
            if self.left == -1 or (self.cut and self.left < 0):
                raise PowerCut if self.cut else OSError(28, "No space left on device")
            return real(*args, **given)

        return call


def failing_at_every_call(
    monkeypatch: pytest.MonkeyPatch, cut: bool, act: Callable[[], object], check: Callable[[], None]
) -> int:
    """Do `act` with the first, the second, … call failing until none does; `check` after each. The number of calls."""
    for good in range(100):
        saboteur = Saboteur(good, cut)
        with monkeypatch.context() as patch:
            for name in CALLS:
                patch.setattr(os, name, saboteur.wrap(getattr(os, name)))
            with suppress(PowerCut, DiskError):
                act()
        check()
        if saboteur.left >= 0:
            return good
    raise AssertionError("it never ends")


@pytest.mark.parametrize("cut", [False, True])
def test_that_a_file_is_the_old_or_the_new_one_whichever_call_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: bool):
    path = tmp_path / "file"

    def check() -> None:
        assert path.read_bytes() in (b"old", b"new" * 1000)
        assert cut or [file.name for file in tmp_path.iterdir()] == ["file"]
        path.write_bytes(b"old")
        atomic.sweep(tmp_path)
        assert [file.name for file in tmp_path.iterdir()] == ["file"]

    path.write_bytes(b"old")
    assert failing_at_every_call(monkeypatch, cut, lambda: write_atomically(path, b"new" * 1000), check) >= 6


@pytest.mark.parametrize("cut", [False, True])
def test_that_a_whole_checkpoint_is_always_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: bool):
    steps = iter(range(1, 1000))
    Checkpoints(tmp_path / "c").save(0, b"state 0")

    def save() -> None:
        step = next(steps)
        Checkpoints(tmp_path / "c").save(step, f"state {step}".encode())

    def check() -> None:
        loaded = Checkpoints(tmp_path / "c").load()
        assert loaded is not None
        assert loaded[1] == f"state {loaded[0].step}".encode()
        assert loaded[2] == ""

    assert failing_at_every_call(monkeypatch, cut, save, check) >= 12


@pytest.mark.parametrize("cut", [False, True])
def test_that_a_journal_keeps_its_numbers_whichever_call_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cut: bool):
    path = tmp_path / "journal"

    def check() -> None:
        found = read(path)
        assert [entry.seq for entry in found.entries] == list(range(len(found.entries)))
        assert found.dropped == 0

    failing_at_every_call(monkeypatch, cut, lambda: append(path, Message(text="hello")), check)
    append(path, Message(text="at last"))
    check()


def test_that_half_a_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    journal = Journal(tmp_path / "journal")
    journal.append(Message(text="first"))
    room, real = [10], os.write

    def write(file: int, data: bytes) -> int:
        if not room:
            raise OSError(28, "No space left on device")
        return real(file, data[: room.pop()])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        with pytest.raises(DiskError, match=r"needs \d+ bytes, [\d,]+ are free"):
            journal.append(Message(text="second"))
    journal.append(Message(text="third"))
    found = read(journal.path)
    assert [(entry.seq, entry.event.text) for entry in found.entries if isinstance(entry.event, Message)] == [
        (0, "first"),
        (1, "third"),
    ]
    assert found.dropped == 0


@pytest.mark.skipif(sys.platform != "linux", reason="strace")
def test_that_a_file_is_on_disk_before_its_name_and_the_name_before_we_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    done: list[str] = []
    for name in ("fsync", "replace"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *given, name=name, real=real: (done.append(name), real(*given))[1])
    write_atomically(tmp_path / "file", b"data")
    assert done == ["fsync", "replace", "fsync"]


LIMITED = """
import resource, sys
from contextlib import suppress
from pathlib import Path
from studio.engine.runs.atomic import DiskError, write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomically(Path(sys.argv[1]), b"x" * 5000)
except DiskError as error:
    print(error)
"""


def test_that_a_full_disk_is_told_with_path_and_bytes(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", LIMITED, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.startswith(f"The disk is full: {path} needs 5,000 bytes, ")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["file"]


def limit(pid: int, size: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, size))


def test_that_a_disk_that_fills_up_while_training_keeps_the_checkpoint_and_says_so(nursery: Nursery, store: Path):
    folder = make(store, 100_000, size=100_000, delay=0.02, checkpoint_every=0.1)
    pid = nursery.start(folder)
    wait_until(lambda: kinds(folder).count("checkpointed") > 1)
    limit(pid, 200_000)
    wait_until(lambda: not folder.alive(), what="the trainer's end")
    failed = entries(folder)[-1].event
    assert isinstance(failed, Failed)
    assert "The disk is full" in failed.error
    assert ".safetensors needs 4" in failed.error
    loaded = folder.checkpoints.load()
    assert loaded is not None
    assert loaded[2] == ""
    assert not list(folder.checkpoints.folder.glob(".*"))


def test_that_a_run_whose_journal_cannot_be_written_is_lost_in_words(store: Path):
    folder = make(store, 100_000, delay=0.02)
    assert launch(folder)
    wait_until(lambda: "step" in kinds(folder))
    pid = folder.pid()
    assert pid is not None
    limit(pid, 10)
    wait_until(lambda: not folder.alive() and folder.exit_code() is not None, what="the trainer's end")
    assert folder.exit_code() == 74
    info = Catalog(store, store.parent / "index.sqlite").info(folder.id)
    assert info.state == "lost"
    assert "could not write to the disk" in info.reason
    found = read(folder.journal)
    assert [entry.seq for entry in found.entries] == list(range(len(found.entries)))
