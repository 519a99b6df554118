"""Summaries of ended runs, kept so that a new engine need not read every journal; the folders stay the truth."""

import hashlib
import sqlite3
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from studio.engine.runs.summary import Summary

_summary = TypeAdapter(Summary)
TABLE = "CREATE TABLE IF NOT EXISTS summaries_1 (run TEXT PRIMARY KEY, summary TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT"


class Index:
    """A cache on disk. A broken or locked one is as good as an empty one: it is thrown away, never an error."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> dict[str, Summary]:
        """Every summary that is whole."""
        try:
            with self._open() as database:
                if database.execute("PRAGMA quick_check").fetchone() != ("ok",):
                    raise sqlite3.DatabaseError
                rows: list[tuple[str, str, str]] = database.execute("SELECT run, summary, sha256 FROM summaries_1").fetchall()
        except sqlite3.DatabaseError:
            self._throw_away()
            return {}
        whole = {run: _parse(text) for run, text, sha256 in rows if _hash(run, text) == sha256}
        return {run: summary for run, summary in whole.items() if summary}

    def keep(self, run: str, summary: Summary) -> None:
        """Remember a run's summary."""
        text = _summary.dump_json(summary).decode()
        with suppress(sqlite3.Error), self._open() as database:
            database.execute("INSERT OR REPLACE INTO summaries_1 VALUES (?, ?, ?)", (run, text, _hash(run, text)))

    def _open(self) -> "_Closing":
        return _Closing(self.path)

    def _throw_away(self) -> None:
        for ending in ("", "-wal", "-shm"):
            with suppress(OSError):
                self.path.with_name(self.path.name + ending).unlink(missing_ok=True)


class _Closing:
    """A connection that is committed and closed at the end of its block."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> sqlite3.Connection:
        self._database = sqlite3.connect(self._path, timeout=5.0)
        try:
            for pragma in ("trusted_schema=OFF", "journal_mode=WAL", "synchronous=NORMAL"):
                self._database.execute(f"PRAGMA {pragma}")
            self._database.execute(TABLE)
        except sqlite3.Error:
            self._database.close()
            raise
        return self._database

    def __exit__(self, *_: object) -> None:
        try:
            self._database.commit()
        finally:
            self._database.close()


def _parse(text: str) -> Summary | None:
    try:
        return _summary.validate_json(text)
    except ValidationError:
        return None


def _hash(run: str, text: str) -> str:
    return hashlib.sha256(f"{run}\n{text}".encode()).hexdigest()
