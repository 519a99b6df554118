"""Rows of a table as people write them: words for categories, numbers in their own units and precision."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.api import Column, Table

LARGEST = 1e15


def snapped(rows: NDArray[Any], space: Table) -> NDArray[np.float32]:
    """Rows (n, width) with the likeliest category of each column as 1 and the others as 0."""
    made = np.array(rows, np.float32)
    for column, values in parts(made, space):
        if column.categories:
            values[...] = np.eye(column.width, dtype=np.float32)[values.argmax(1)]
    return made


def parts(rows: NDArray[Any], space: Table) -> Iterator[tuple[Column, NDArray[Any]]]:
    """Each column and its part (n, column.width) of the rows, as a view."""
    start = 0
    for column in space.columns:
        yield column, rows[:, start : start + column.width]
        start += column.width


def cells(rows: NDArray[Any], space: Table) -> list[list[str]]:
    """What stands in each row, column by column."""
    columns = [_words(column, values) for column, values in parts(np.asarray(rows, np.float64), space)]
    return [list(row) for row in zip(*columns, strict=True)]


def as_csv(rows: NDArray[Any], space: Table) -> str:
    """The rows under a line that names the columns."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([column.name for column in space.columns])
    writer.writerows(cells(rows, space))
    return file.getvalue()


def _words(column: Column, values: NDArray[np.float64]) -> list[str]:
    if column.categories:
        return [column.categories[k] for k in np.nan_to_num(values).argmax(1)]
    numbers = values[:, 0] * column.deviation + column.mean
    return [_number(number, column.decimals) for number in numbers.tolist()]


def _number(number: float, decimals: int) -> str:
    if not abs(number) < LARGEST or decimals == 15:
        return f"{number:.6g}"
    text = f"{number:.{decimals}f}"
    return text.removeprefix("-") if float(text) == 0 else text
