"""All runs of a store at a glance; only what changed since the last look is read."""

import os
import threading
from dataclasses import dataclass
from pathlib import Path

from studio.api.errors import StudioError
from studio.engine.engine import RunInfo
from studio.engine.runs import journal
from studio.engine.runs.folder import RunFolder, find, names
from studio.engine.runs.index import Index
from studio.engine.runs.record import RunRecord
from studio.engine.runs.summary import Summary, inform

RESTLESS = {"running", "queued"}


@dataclass
class Known:
    """A run as it was when last looked at.

    Whatever befalls a run at rest changes the time of its folder or of its journal (`times`), so that it need not be probed.
    """

    folder: RunFolder
    record: RunRecord
    summary: Summary
    times: tuple[int, int] | None = None
    info: RunInfo | None = None

    def at_rest(self, times: tuple[int, int]) -> bool:
        """Whether `info` still tells how the run is."""
        return times == self.times and self.info is not None and self.info.state not in RESTLESS


class Catalog:
    """The runs of a store.

    Args:
        store: the folder of the run folders.
        index: where summaries of ended runs are remembered between engines.
    """

    def __init__(self, store: Path, index: Path) -> None:
        self.store = store
        self._index = Index(index)
        self._remembered: dict[str, Summary] | None = None
        self._known: dict[str, Known] = {}
        self._turn = threading.Lock()

    def list(self) -> list[RunInfo]:
        """Every run that can be read, the newest first."""
        with self._turn:
            found = {name: self._look(name) for name in names(self.store)}
            self._known = {id: known for id, known in self._known.items() if id in found}
        return sorted((info for info in found.values() if info), key=lambda info: (info.created, info.id), reverse=True)

    def info(self, id: str) -> RunInfo:
        """One run; StudioError where there is none or its request cannot be read."""
        folder = find(self.store, id)
        with self._turn:
            return self._look(id) or inform(folder, folder.record(), Summary(), folder.alive())

    def summary(self, id: str) -> Summary:
        """What a run's journal comes to."""
        self.info(id)
        return self._known[id].summary

    def _look(self, id: str) -> RunInfo | None:
        known = self._known.get(id) or self._meet(RunFolder(self.store / id))
        if known is None:
            return None
        times = _time(known.folder.path), _time(known.folder.journal)
        if not known.at_rest(times):
            alive = known.folder.alive()
            self._read_on(known)
            known.info, known.times = inform(known.folder, known.record, known.summary, alive), times
        return known.info

    def _meet(self, folder: RunFolder) -> Known | None:
        if self._remembered is None:
            self._remembered = self._index.load()
        try:
            known = Known(folder, folder.record(), self._remembered.get(folder.id, Summary()))
        except StudioError:
            return None
        return self._known.setdefault(folder.id, known)

    def _read_on(self, known: Known) -> None:
        folder = known.folder
        if known.summary.offset > _size(folder.journal):
            known.summary = Summary()
        before = known.summary.offset
        stretch = journal.read(folder.journal, before)
        for entry in stretch.entries:
            known.summary.add(entry)
        known.summary.offset = stretch.offset
        if known.summary.ending and stretch.offset != before:
            self._index.keep(folder.id, known.summary)


def _time(path: Path) -> int:
    try:
        return os.stat(path).st_mtime_ns  # noqa: PTH116
    except OSError:
        return 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
