"""A process that looks at a model from elsewhere or takes it in, in a room of its own: followed, and ended at any time."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock

import psutil
from pydantic import ValidationError

from studio.engine.runs.endings import explain
from studio.engine.training.errand import NEWS, Errand, Failed, News, Reached
from studio.engine.training.workroom import Workroom

PROCESS = "studio.engine.training.taker"
LAST_LINES = 60
TEMPORARY = ("TMPDIR", "TEMP", "TMP")
Process = subprocess.Popen[bytes]


class Taking:
    """One errand.

    Args:
        store: where its room is made.
        errand: what to do, given that room.

    Raises:
        OSError: there is no room, or the system starts no more processes.
    """

    def __init__(self, store: Path, errand: Callable[[Path], Errand]) -> None:
        self._room = Workroom(store)
        self._ending = Lock()
        self._ended = False
        place = self._room.path
        try:
            (place / "errand.json").write_text(errand(place).model_dump_json(), "utf-8")
            self._process = _start(place)
        except OSError:
            self._room.clear()
            raise

    def news(self) -> Iterator[News]:
        """What it tells, until it ended; a silent end is told as a failure."""
        lines, last = list[str](), None
        assert self._process.stdout
        for line in self._process.stdout:
            try:
                last = NEWS.validate_json(line)
            except ValidationError:
                lines = [*lines, line.decode("utf-8", "replace").rstrip()][-LAST_LINES:]
            else:
                yield _with_output(last, lines)
        self._process.stdout.close()
        code = self._process.wait()
        if last is None or isinstance(last, Reached):
            yield Failed(error=explain(code, "The import"), details="\n".join(lines))

    def end(self) -> None:
        """End it with all that it started, and clear its room; returns when they are gone."""
        with self._ending:
            if self._ended:
                return
            self._ended = True
            _kill(self._process)
            self._process.wait()
            assert self._process.stdin
            self._process.stdin.close()
            self._room.clear()


def _with_output(news: News, lines: list[str]) -> News:
    if isinstance(news, Failed) and lines:
        return news.model_copy(update={"details": "\n".join([*lines, "", news.details])})
    return news


def _start(place: Path) -> Process:
    return subprocess.Popen(
        [sys.executable, "-m", PROCESS, str(place / "errand.json")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        env={**os.environ, **dict.fromkeys(TEMPORARY, str(place)), "HF_HUB_DISABLE_PROGRESS_BARS": "1"},
        start_new_session=os.name != "nt",
    )  # fmt: skip


def _kill(process: Process) -> None:
    if os.name != "nt":
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        return
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children(recursive=True):
            child.kill()
    process.kill()
