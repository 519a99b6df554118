"""Whether files are still those that were read."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path


def fingerprint(path: Path) -> str:
    """A text that differs when a file in `path` was added, removed, renamed or written; the contents are not read."""
    return hashlib.sha256(repr(list(_states(path))).encode(errors="surrogateescape")).hexdigest()


def _states(path: Path) -> Iterator[tuple[str, int, int]]:
    for folder, _, files in os.walk(path) if path.is_dir() else [(path.parent, [], [path.name])]:
        for name in sorted(files):
            try:
                status = os.lstat(os.path.join(folder, name))  # noqa: PTH118 (bytes that are no UTF-8 stay as they are)
            except OSError:
                continue
            yield os.path.join(folder, name), status.st_size, status.st_mtime_ns  # noqa: PTH118
