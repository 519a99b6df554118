"""A run's history: one entry a line, appended by its trainer, read by everyone else while it grows."""

import os
import time
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from studio.api.events import Entry, Event
from studio.engine.runs.atomic import disk_errors, write_all

LONGEST = 64 * 1024
CHUNK = 1024 * 1024


class Stretch(NamedTuple):
    """Entries read in one go, where to read on, and how many lines were no entries."""

    entries: list[Entry]
    offset: int
    dropped: int


def read(path: Path, offset: int = 0) -> Stretch:
    """The whole lines from byte `offset` on; a line that is still being written is left for the next time."""
    entries: list[Entry] = []
    dropped = 0
    for line in _lines(path, offset):
        offset += len(line)
        entry = _entry(line)
        dropped += entry is None
        if entry is not None:
            entries.append(entry)
    return Stretch(entries, offset, dropped)


def _lines(path: Path, offset: int) -> list[bytes]:
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except OSError:
        return []
    return data[: data.rfind(b"\n") + 1].splitlines(keepends=True)


def _entry(line: bytes) -> Entry | None:
    if len(line) > LONGEST:
        return None
    try:
        return Entry.model_validate_json(line)
    except ValidationError:
        return None


class Reader:
    """Follows one journal for several readers, each at its own place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._offsets: dict[int, int] = {}

    def read(self, after: int = -1) -> list[Entry]:
        """The entries behind number `after`; the next call with the last number begins where this one ended."""
        stretch = read(self.path, self._offsets.pop(after, 0))
        fresh = [entry for entry in stretch.entries if entry.seq > after]
        self._offsets[fresh[-1].seq if fresh else after] = stretch.offset
        while len(self._offsets) > 8:
            self._offsets.pop(next(iter(self._offsets)))
        return fresh


class Journal:
    """The trainer's end: numbers without gaps, across restarts too.

    Raises:
        DiskError: a line could not be written; the lines before it are whole.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with disk_errors(path, 0):
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o666)
            self._end = _mend(self._file)
        self._next = _last_number(self._file, self._end) + 1

    def append(self, event: Event, safe: bool = False) -> Entry:
        """Add an event; `safe` waits until it would survive a power cut."""
        entry = Entry(seq=self._next, time=time.time(), event=event)
        line = entry.model_dump_json().encode() + b"\n"
        with disk_errors(self.path, len(line)):
            self._write(line)
            if safe:
                os.fsync(self._file)
        self._next += 1
        self._end += len(line)
        return entry

    def _write(self, line: bytes) -> None:
        try:
            write_all(self._file, line)
        except OSError:
            os.ftruncate(self._file, self._end)
            raise

    def close(self) -> None:
        """Give the file back."""
        os.close(self._file)


def append(path: Path, event: Event) -> None:
    """Add one event to a journal that nobody else writes at this moment, safely."""
    journal = Journal(path)
    try:
        journal.append(event, safe=True)
    finally:
        journal.close()


def _mend(file: int) -> int:
    """Cut off the line that a killed writer did not finish; the length that is left."""
    end = size = os.lseek(file, 0, os.SEEK_END)
    while end:
        begin = max(0, end - CHUNK)
        if (place := _tail(file, end).rfind(b"\n")) >= 0:
            end = begin + place + 1
            break
        end = begin
    if end != size:
        os.ftruncate(file, end)
    return end


def _tail(file: int, end: int) -> bytes:
    begin = max(0, end - CHUNK)
    os.lseek(file, begin, os.SEEK_SET)
    return os.read(file, end - begin)


def _last_number(file: int, end: int) -> int:
    while end:
        for line in reversed(_tail(file, end).splitlines()):
            if entry := _entry(line):
                return entry.seq
        end = max(0, end - CHUNK)
    return -1
