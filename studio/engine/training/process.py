"""A worker as a process of its own, which neither a closing terminal nor the death of its parent ends."""

import os
import subprocess
import sys
from pathlib import Path
from typing import IO

from studio.api.errors import StudioError

WORKER = "studio.engine.training.worker"
Process = subprocess.Popen[bytes]


def start(
    arguments: list[str], *, output: Path | None = None, stdin: int = subprocess.DEVNULL, keep: tuple[int, ...] = ()
) -> Process:
    """Start a worker.

    Args:
        output: a file that gets what it prints; nowhere if absent.
        stdin: a descriptor to read from.
        keep: further descriptors that it inherits.

    Raises:
        StudioError: the system starts no more processes.
    """
    command = [sys.executable, "-m", WORKER, *arguments]
    try:
        with Path(output or os.devnull).open("ab") as file:
            return _start(command, file, stdin, keep)
    except OSError as error:
        raise StudioError(
            f"A trainer could not be started ({error.strerror or error}). Close other programs and try again."
        ) from error


def _start(command: list[str], file: IO[bytes], stdin: int, keep: tuple[int, ...]) -> Process:
    if os.name == "nt":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW  # type: ignore[attr-defined, unused-ignore]
        return subprocess.Popen(command, stdin=stdin, stdout=file, stderr=file, creationflags=flags)
    return subprocess.Popen(command, stdin=stdin, stdout=file, stderr=file, start_new_session=True, pass_fds=keep)
