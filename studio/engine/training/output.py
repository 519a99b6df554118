"""What a trainer and its plugin print, in a file that cannot fill the disk."""

import faulthandler
import io
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

LARGEST = 4 * 2**20
KEPT = 2**20
PIECE = 2**16
PERIOD = 0.05
CUT = b"\n[... output was cut here: it grew too large ...]\n"


class Capped(io.FileIO):
    """A file of at most `LARGEST` bytes: the first `KEPT` and the last ones."""

    def write(self, data: Any, /) -> int:
        """Write at most `PIECE` bytes, and cut first where they would not fit; what a full disk refuses is lost."""
        piece = memoryview(data)[:PIECE]
        try:
            trim(self.fileno())
            return super().write(piece)
        except OSError:
            return len(piece)


def trim(descriptor: int) -> None:
    """Cut the middle out of a file that was opened for appending."""
    if os.fstat(descriptor).st_size > LARGEST - PIECE:
        os.ftruncate(descriptor, KEPT)
        os.write(descriptor, CUT)


def capture(path: Path) -> None:
    """Send everything this process prints to `path`, native code included, and the place of a native crash."""
    file = Capped(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666), "r+")
    os.dup2(file.fileno(), 1)
    os.dup2(file.fileno(), 2)
    sys.stdout = sys.stderr = io.TextIOWrapper(io.BufferedWriter(file), "utf-8", "backslashreplace", line_buffering=True)  # type: ignore[assignment]
    faulthandler.enable(file.fileno())
    threading.Thread(target=_watch, args=(file.fileno(),), daemon=True, name="output").start()


def _watch(descriptor: int) -> None:
    """What native code prints does not pass `Capped`."""
    pause = threading.Event()
    while not pause.wait(PERIOD):
        with suppress(OSError):
            trim(descriptor)
