"""Samples of any space as something a window can draw; quick, and without a picture library."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.api import Audio, Column, Image, Points, Space, Table, Tokens, Views
from studio.engine.rendering import Rendering

POINTS_PER_TILE = 32
BYTES = tuple(map(chr, range(256)))
"""The vocabulary of a text kept as bytes: symbol k stands for byte k."""


def render(samples: NDArray[Any], space: Space, limit: int = 64) -> Rendering:
    """The first `limit` of `samples`, (N, *space.shape), ready to draw; of points 32 times as many.

    Pictures become RGBA tiles, points (x, y) pairs in a square, tokens and rows of a table texts, audio little-endian floats.
    Values that are not finite are drawn black, points that are not finite are left out.
    """
    if isinstance(space, Points):
        return _points(samples[: limit * POINTS_PER_TILE])
    if isinstance(space, Image):
        return _pictures(samples[:limit], -1.0)
    if isinstance(space, Views):
        return _pictures(samples[:limit], 0.0)
    if isinstance(space, Audio):
        waves = np.nan_to_num(samples[:limit]).astype("<f4").reshape(-1, space.length)
        return Rendering(kind="audio", count=len(waves), pixels=waves.tobytes(), rate=space.rate)
    texts = [decode(row, space) if isinstance(space, Tokens) else describe_row(row, space) for row in samples[:limit]]
    return Rendering(kind="texts", count=len(texts), texts=tuple(texts))


def tiles(samples: NDArray[Any], darkest: float = -1.0) -> NDArray[np.uint8]:
    """Pictures (N, C, H, W) from `darkest` to 1, C from 1 (grey) to 4 (RGBA) -> bytes (N, H, W, 4)."""
    scale = 255 / (1.0 - darkest)
    finite = np.nan_to_num(np.asarray(samples, np.float32), nan=darkest, posinf=1.0, neginf=darkest)
    values = np.clip((finite - darkest) * scale + 0.5, 0, 255).astype(np.uint8)
    n, channels, height, width = values.shape
    drawn = np.full((n, height, width, 4), 255, np.uint8)
    drawn[..., :3] = values[:, : 3 if channels > 2 else 1].transpose(0, 2, 3, 1)
    if channels in (2, 4):
        drawn[..., 3] = values[:, -1]
    return drawn


def decode(tokens: NDArray[Any], space: Tokens) -> str:
    """Indices (length,), -1 for nothing, as text; a vocabulary of 256 bytes is UTF-8, unreadable bytes as question marks."""
    text = "".join(space.vocabulary[int(token)] for token in tokens if token >= 0)
    return text.encode("latin-1").decode("utf-8", "replace") if space.vocabulary == BYTES else text


def describe_row(row: NDArray[Any], space: Table) -> str:
    """A row of a table as "name value, name value"."""
    words, start = list[str](), 0
    for column in space.columns:
        width = max(1, len(column.categories))
        words.append(f"{column.name} {_cell(row[start : start + width], column)}")
        start += width
    return ", ".join(words)


def _cell(values: NDArray[Any], column: Column) -> str:
    if column.categories:
        return column.categories[int(np.argmax(values))]
    return f"{float(values[0]) * column.deviation + column.mean:.4g}"


def _pictures(samples: NDArray[Any], darkest: float) -> Rendering:
    drawn = tiles(samples, darkest)
    count, height, width, _ = drawn.shape
    return Rendering(kind="pictures", count=count, height=height, width=width, pixels=drawn.tobytes())


def _points(samples: NDArray[Any]) -> Rendering:
    """The first two coordinates; one-dimensional points lie on the x axis."""
    flat = np.zeros((len(samples), 2))
    flat[:, : samples.shape[1]] = samples[:, :2]
    finite = flat[np.isfinite(flat).all(1)]
    reach = max(2.5, 1.05 * float(np.quantile(np.abs(finite), 0.995))) if len(finite) else 2.5
    pairs = tuple((float(x), float(y)) for x, y in finite)
    return Rendering(kind="points", count=len(pairs), points=pairs, bounds=(-reach, -reach, reach, reach))
