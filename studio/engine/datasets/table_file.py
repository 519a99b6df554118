"""A table from a CSV file of unknown origin: numbers standardised, words one-hot, and every guess told."""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.api import Column, Dataset, Problem, Signature, StudioError, Table
from studio.engine.datasets.regular_file import Unfit, printable, read_regular_file
from studio.engine.datasets.shipped import split

SUFFIXES = {".csv", ".tsv"}
LARGEST_FILE = 64 * 2**20
MOST_ROWS, FEWEST_ROWS = 200_000, 20
MOST_COLUMNS, MOST_WIDTH = 500, 2000
MOST_CATEGORIES = 50
MOST_PROBLEMS = 1000
LONGEST_NAME = 80
DELIMITERS = ",;\t|"
MISSING = {"", "?", "-", "na", "n/a", "nan", "null", "none", "nil", "#n/a", "inf", "-inf", "+inf", "infinity", "-infinity"}
ABSENT = "(missing)"
DECIMAL_COMMA = re.compile(r"^(\s*[+-]?\d+),(\d+\s*)$")

Cells = Sequence[str]


class Kept(NamedTuple):
    """A column that is used, and its part of every row (n, width)."""

    column: Column
    values: NDArray[np.float32]


def load_table(path: Path) -> Dataset:
    """The table in a CSV file whose first line names the columns; a fifth of the rows is held out.

    The delimiter is a comma, semicolon, tab or bar, the text UTF-8, UTF-16 or Windows-1252; decimal commas are read where no
    comma parts the cells. A column is numeric where all its values are numbers and more than two differ; other columns are
    categories, at most 50. A missing number becomes the column's median, a missing word a category of its own. Constant
    columns, columns of names and rows of another length are left out. Each of these is told as a problem.

    Raises:
        StudioError: no table, or one that cannot be used as a whole.
    """
    name = printable(path.name)
    try:
        rows = _parsed(_decoded(read_regular_file(path, LARGEST_FILE)))
    except Unfit as unfit:
        raise StudioError(f"{name} cannot be used as a table: {unfit}.") from None
    return table_dataset(rows, name)


def table_dataset(rows: list[Cells], name: str) -> Dataset:
    """The table of `rows`, of which the first names the columns."""
    problems: list[Problem] = []
    names = _names(rows[0], name)
    whole = _of_one_length(rows[1:], len(names), problems)
    if len(whole) < FEWEST_ROWS:
        raise StudioError(f"{name} has {len(whole)} usable rows under its header; at least {FEWEST_ROWS} are needed.")
    columns = zip(names, zip(*whole, strict=True), strict=True)
    kept = [one for called, cells in columns if (one := _column(called, [cell.strip() for cell in cells], problems))]
    if not kept:
        reasons = "; ".join(f"{problem.file}: {problem.reason}" for problem in problems[:3])
        raise StudioError(f"{name} has no usable column. {reasons}.")
    space = Table(columns=tuple(one.column for one in kept))
    if space.shape[0] > MOST_WIDTH:
        raise StudioError(f"{name} has {space.shape[0]} columns once its words are numbers; at most {MOST_WIDTH} can be used.")
    values = np.concatenate([one.values for one in kept], axis=1)
    train, held_out = split(len(values), len(values) // 5)
    return Dataset(Signature(space=space), values[train], values[held_out], problems=tuple(problems[:MOST_PROBLEMS]))


def _decoded(data: bytes) -> str:
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text
    raise Unfit("it is not text")


def _parsed(text: str) -> list[Cells]:
    """Rows of cells, blank lines left out."""
    delimiter = _delimiter(text)
    rows: list[Cells] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(rows) > MOST_ROWS:
                raise Unfit(f"it has more than {MOST_ROWS:,} rows")
            if any(cell.strip() for cell in row):
                rows.append(row if delimiter == "," else [DECIMAL_COMMA.sub(r"\1.\2", cell) for cell in row])
    except csv.Error as error:
        raise Unfit(f"it is broken ({error})") from None
    if not rows:
        raise Unfit("it is empty")
    if len(rows[0]) > MOST_COLUMNS:
        raise Unfit(f"it has {len(rows[0])} columns, more than {MOST_COLUMNS}")
    return rows


def _delimiter(text: str) -> str:
    """The one that cuts most of the first lines into equally many cells, the most cells where several do."""

    def score(delimiter: str) -> tuple[float, int]:
        with_it = csv.reader(io.StringIO("\n".join(text.splitlines()[:100])), delimiter=delimiter)
        try:
            lengths = Counter(len(row) for row in with_it if row)
        except csv.Error:
            return 0.0, 0
        length, count = max(lengths.items(), key=lambda pair: (pair[1], pair[0]), default=(0, 0))
        return (count / lengths.total(), length) if length > 1 else (0.0, 0)

    return max(DELIMITERS, key=score)


def _names(header: Cells, name: str) -> list[str]:
    names = [cell.strip()[:LONGEST_NAME] or f"column {k + 1}" for k, cell in enumerate(header)]
    if all(_number(cell) is not None for cell in names):
        raise StudioError(f"The first line of {name} must name the columns; it reads {', '.join(names[:4])}.")
    twice = [called for called, count in Counter(names).items() if count > 1]
    if twice:
        raise StudioError(f"{name} has more than one column called '{twice[0]}'. Rename one of them.")
    return names


def _of_one_length(rows: Sequence[Cells], length: int, problems: list[Problem]) -> list[Cells]:
    wrong = [(k, len(row)) for k, row in enumerate(rows) if len(row) != length]
    told = [Problem(file=f"row {k + 1}", reason=f"it has {found} cells, not {length}") for k, found in wrong[:MOST_PROBLEMS]]
    problems += told
    return [row for row in rows if len(row) == length]


def _column(name: str, cells: list[str], problems: list[Problem]) -> Kept | None:
    present = [cell for cell in cells if cell.lower() not in MISSING]
    distinct = set(present)
    reason = ""
    if not distinct:
        reason = "left out: it is empty"
    elif len(distinct) == 1 and len(present) == len(cells):
        reason = f"left out: it is always '{present[0][:LONGEST_NAME]}'"
    elif len(distinct) > 2 and all(_number(cell) is not None for cell in distinct):
        return _numeric(name, cells, problems)
    elif len(distinct) > MOST_CATEGORIES:
        reason = f"left out: it holds {len(distinct)} different texts, more than {MOST_CATEGORIES}"
    if reason:
        problems.append(Problem(file=f"column {name}", reason=reason))
        return None
    return _categorical(name, cells, problems)


def _numeric(name: str, cells: list[str], problems: list[Problem]) -> Kept | None:
    numbers = np.array([math.nan if (number := _number(cell)) is None else number for cell in cells])
    missing = np.isnan(numbers)
    middle = float(np.median(numbers[~missing]))
    if missing.any():
        reason = f"{missing.sum()} missing values became the median, {middle:g}"
        problems.append(Problem(file=f"column {name}", reason=reason))
    filled = np.where(missing, middle, numbers)
    mean, deviation = float(filled.mean()), float(filled.std())
    if not (math.isfinite(mean) and math.isfinite(deviation) and deviation > 0):
        problems.append(Problem(file=f"column {name}", reason="left out: its numbers are too large or too near each other"))
        return None
    column = Column(name=name, mean=mean, deviation=deviation, decimals=_decimals(cells))
    return Kept(column, ((filled - mean) / deviation).astype(np.float32)[:, None])


def _categorical(name: str, cells: list[str], problems: list[Problem]) -> Kept:
    words = [ABSENT if cell.lower() in MISSING else cell[:LONGEST_NAME] for cell in cells]
    if ABSENT in words:
        problems.append(
            Problem(file=f"column {name}", reason=f"{words.count(ABSENT)} missing values are a category of their own")
        )
    categories = sorted(set(words))
    places = np.array([categories.index(word) for word in words])
    return Kept(Column(name=name, categories=tuple(categories)), np.eye(len(categories), dtype=np.float32)[places])


def _number(cell: str) -> float | None:
    if cell.lower() in MISSING or "_" in cell:
        return None
    try:
        number = float(cell)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _decimals(cells: Sequence[str]) -> int:
    """The decimal places that do for 19 in 20 numbers; 15 where numbers are written with an exponent."""
    if any("e" in cell.lower() for cell in cells if _number(cell) is not None):
        return 15
    lengths = sorted(len(cell.partition(".")[2]) for cell in cells if _number(cell) is not None)
    return min(15, lengths[int(0.95 * (len(lengths) - 1))])
