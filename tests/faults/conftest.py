"""A store of runs, and trainers that find the toy plugin and are gone when a test ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from studio.engine.runs.folder import RunFolder, names
from tests.faults.toys import SITE, python_path


@pytest.fixture
def store(studio_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The user's runs; what still trains there at the end is killed."""
    monkeypatch.setenv("PYTHONPATH", python_path())
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("OMP_WAIT_POLICY", "PASSIVE")
    monkeypatch.syspath_prepend(str(SITE))
    folder = studio_home / "runs"
    folder.mkdir(parents=True)
    yield folder
    for name in names(folder):
        kill(RunFolder(folder / name))


def kill(folder: RunFolder) -> None:
    """kill -9 of a run's trainer and all its children, where one lives."""
    pid = folder.pid()
    if pid is not None and pid != os.getpid():
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


class Nursery:
    """Trainers forked from a process that is warm; see nursery.py."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process

    def start(self, folder: RunFolder) -> int:
        """Start a run's trainer; its pid."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{folder.path}\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@pytest.fixture(scope="session")
def warm_nursery() -> Iterator[Nursery]:
    """One warm process for all tests."""
    environment = {**os.environ, "PYTHONPATH": python_path(), "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
    command = [sys.executable, "-m", "tests.faults.nursery"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        assert process.stdout.readline().strip() == "ready"
        yield Nursery(process)


@pytest.fixture
def nursery(warm_nursery: Nursery, store: Path) -> Nursery:
    """The warm process, for the runs in `store`."""
    return warm_nursery
