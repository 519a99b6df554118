"""Captions that lie beside pictures: a text file of the same name for each, or one table for all in a folder."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from studio.api import Problem
from studio.engine.datasets.regular_file import Unfit, printable, read_regular_file

TEXTS = {".txt", ".caption"}
FILE_KEYS, TEXT_KEYS = ("file_name", "file", "filename", "image"), ("text", "caption", "prompt")
LARGEST_TEXT, LARGEST_TABLE = 2**16, 2**26
LONGEST = 2000

Rows = Iterator[tuple[str, str]]


@dataclass
class Captions:
    """What is said of pictures, by path, and the files that say it."""

    texts: dict[Path, str] = field(default_factory=dict)
    files: set[Path] = field(default_factory=set)


def read_captions(folder: Path, paths: Iterable[Path], suffixes: set[str], problems: list[Problem]) -> Captions:
    """The captions in the layouts that trainers of picture models use; a text file goes over a table.

    "cat.txt" or "cat.caption" beside "cat.png"; or "metadata.jsonl", with an object a line, "metadata.csv" or "captions.csv",
    with names in the first line: the picture is called "file_name", "file", "filename" or "image", relative to the table, and
    the words "text", "caption" or "prompt".

    Args:
        suffixes: what the names of pictures end in, in lower case.
        problems: files that cannot be read are added, with the reason.
    """
    found, beside = Captions(), list(paths)
    pictures = {path.with_suffix(""): path for path in beside if path.suffix.lower() in suffixes}
    for path in (path for path in beside if path.name.lower() in _TABLES):
        found.files.add(path)
        found.texts.update(_of_table(path, folder, problems))
    for path in (path for path in beside if path.suffix.lower() in TEXTS and path.with_suffix("") in pictures):
        found.files.add(path)
        if text := _read(path, folder, LARGEST_TEXT, problems):
            found.texts[pictures[path.with_suffix("")]] = _line(text)
    return found


def _of_table(path: Path, folder: Path, problems: list[Problem]) -> dict[Path, str]:
    text = _read(path, folder, LARGEST_TABLE, problems)
    try:
        return {path.parent / name: _line(words) for name, words in _TABLES[path.name.lower()](text)}
    except (ValueError, csv.Error, RecursionError) as error:
        problems.append(_problem(path, folder, f"it is no table of captions ({str(error).splitlines()[0]})"))
        return {}


def _read(path: Path, folder: Path, largest: int, problems: list[Problem]) -> str:
    try:
        return read_regular_file(path, largest).decode("utf-8-sig")
    except (Unfit, UnicodeDecodeError) as error:
        reason = str(error) if isinstance(error, Unfit) else "its text is not UTF-8"
        problems.append(_problem(path, folder, reason))
        return ""


def _problem(path: Path, folder: Path, reason: str) -> Problem:
    return Problem(file=printable(path.relative_to(folder)), reason=reason)


def _line(text: str) -> str:
    return " ".join(text[: 2 * LONGEST].split())[:LONGEST]


def _json_lines(text: str) -> Rows:
    for line in filter(str.strip, text.splitlines()):
        row = json.loads(line)
        if not isinstance(row, dict):
            raise ValueError("a line is not an object")
        yield from _named(cast("dict[str, Any]", row))


def _csv(text: str) -> Rows:
    for row in csv.DictReader(io.StringIO(text)):
        yield from _named(row)


def _named(row: Mapping[str, Any]) -> Rows:
    name, words = (next((row[key] for key in keys if key in row), None) for keys in (FILE_KEYS, TEXT_KEYS))
    if not isinstance(name, str) or not isinstance(words, str):
        raise ValueError(f"a row lacks {' or '.join(FILE_KEYS if not isinstance(name, str) else TEXT_KEYS)}")
    yield name, words


_TABLES: dict[str, Callable[[str], Rows]] = {
    "metadata.jsonl": _json_lines, "metadata.csv": _csv, "captions.csv": _csv,
}  # fmt: skip
