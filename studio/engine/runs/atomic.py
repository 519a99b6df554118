"""Files that are either the old or the new ones, whatever happens while they are written."""

import errno
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from studio.api.errors import StudioError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
TEMPORARY = ".tmp"


class DiskError(StudioError):
    """A file could not be written; what was there before is still there."""


def write_atomically(path: Path, data: bytes) -> None:
    """Replace `path` by `data`, safe against kill -9 and power loss.

    Raises:
        DiskError: naming the file, and where the disk is full the bytes needed and free.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    with disk_errors(path, len(data)):
        try:
            _write(temporary, data)
            os.replace(temporary, path)  # noqa: PTH105
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        sync_folder(path.parent)


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o666)
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte, however short the single writes are."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder safe; Windows does so by itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def disk_errors(path: Path, needed: int) -> Generator[None]:
    """Turn what the system says about a write into words."""
    try:
        yield
    except OSError as error:
        raise DiskError(_words(error, path, needed)) from error


def _words(error: OSError, path: Path, needed: int) -> str:
    if error.errno not in FULL:
        return f"{path} cannot be written ({error.strerror or error}). What was there before is kept."
    free = _free(path.parent)
    return (
        f"The disk is full: {path} needs {needed:,} bytes, {free:,} are free. "
        "What was there before is kept; make room, then resume."
    )


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0


def sweep(folder: Path) -> None:
    """Remove what writers that were killed left behind."""
    for leftover in folder.glob(f".*{TEMPORARY}"):
        leftover.unlink(missing_ok=True)
