"""A lock on a file that the system releases when its holder dies, however it dies."""

import json
import os
import sys
import time
from pathlib import Path
from typing import Self

if sys.platform == "win32":
    import msvcrt

    PLACE = 2**30

    def _seize(descriptor: int, shared: bool) -> None:
        os.lseek(descriptor, PLACE, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _seize(descriptor: int, shared: bool) -> None:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


class Lock:
    """A held lock; a child process that inherits `descriptor` holds it too, and keeps it when its parent dies."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def sign(self, pid: int) -> None:
        """Write down who holds it."""
        os.ftruncate(self.descriptor, 0)
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        os.write(self.descriptor, json.dumps({"pid": pid}).encode())

    def release(self) -> None:
        """Let go; a child that inherited the lock keeps it."""
        os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def take(path: Path, patience: float = 0.1) -> Lock | None:
    """The lock on `path`, or None where another process holds it for more than `patience` seconds (a look takes far less)."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    until = time.monotonic() + patience
    while not _try(descriptor):
        if time.monotonic() >= until:
            os.close(descriptor)
            return None
        time.sleep(0.01)
    return Lock(descriptor)


def _try(descriptor: int, shared: bool = False) -> bool:
    try:
        _seize(descriptor, shared)
    except OSError:
        return False
    return True


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock on `path`."""
    try:
        descriptor = os.open(path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        return not _try(descriptor, shared=True)
    finally:
        os.close(descriptor)


def holder(path: Path) -> int | None:
    """The process that signed the lock last."""
    try:
        return int(json.loads(path.read_bytes())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
