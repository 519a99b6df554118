"""Reading a stranger's file without ever waiting on a pipe or a device."""

import os
import stat
from pathlib import Path

_KINDS = {
    stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket", stat.S_IFBLK: "a device", stat.S_IFCHR: "a device",
    stat.S_IFDIR: "a folder",
}  # fmt: skip


class Unfit(Exception):
    """Why a file is skipped, in words that complete "FILE: …"."""


def read_regular_file(path: Path, largest: int) -> bytes:
    """The content of a regular file (or of a link to one) of 1 to `largest` bytes; `Unfit` otherwise."""
    try:
        _require_regular(path.stat())
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            _require_regular(os.fstat(file.fileno()))
            data = file.read(largest + 1)
    except OSError as error:
        raise Unfit(f"cannot be opened ({error.strerror or error})") from None
    if not data:
        raise Unfit("it is empty")
    if len(data) > largest:
        raise Unfit(f"it is larger than {largest // 2**20} MiB")
    return data


def _require_regular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Unfit(f"it is {_KINDS.get(stat.S_IFMT(status.st_mode), 'no regular file')}, not a file")


def printable(path: str | Path) -> str:
    """A file name as text: bytes that are no UTF-8 become question marks."""
    return os.fsencode(path).decode("utf-8", "replace")
