"""Samples of any space as something a window can draw; quick, and without a picture library."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.api import Audio, Column, Image, Points, Space, Table, Tokens, Views
from studio.engine.rendering import Rendering
from studio.engine.spectrograms import spectrograms
from studio.engine.tables import cells, parts

POINTS_PER_TILE = 32
BARS = 12
BYTES = tuple(map(chr, range(256)))
"""The vocabulary of a text kept as bytes: symbol k stands for byte k."""


def render(samples: NDArray[Any], space: Space, limit: int = 64) -> Rendering:
    """The first `limit` of `samples`, (N, *space.shape), ready to draw; of points 32 times as many.

    Pictures become RGBA tiles, points (x, y) pairs in a square, tokens texts, rows of a table words with a histogram of all
    samples above each column, sounds waveforms with their spectrograms.
    Values that are not finite are drawn black, points that are not finite are left out.
    """
    if isinstance(space, Points):
        return _points(samples[: limit * POINTS_PER_TILE])
    if isinstance(space, Image):
        return _pictures(samples[:limit], -1.0)
    if isinstance(space, Views):
        return _pictures(samples[:limit], 0.0)
    if isinstance(space, Audio):
        return _sounds(samples[:limit], space)
    if isinstance(space, Table):
        return _table(samples, space, limit)
    texts = [decode(row, space) for row in samples[:limit]]
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
    """Indices (length,), -1 for nothing, as text; symbols that are bytes spell UTF-8, unreadable bytes as question marks."""
    text = "".join(space.vocabulary[int(token)] for token in tokens if token >= 0)
    return text.encode("latin-1").decode("utf-8", "replace") if space.spelled else text


def _sounds(samples: NDArray[Any], space: Audio) -> Rendering:
    waves = np.nan_to_num(samples).astype("<f4").reshape(-1, space.length)
    spectra = spectrograms(waves, space.rate)
    return Rendering(
        kind="audio", count=len(waves), pixels=waves.tobytes(), rate=space.rate,
        height=spectra.shape[1], width=spectra.shape[2], spectra=spectra.tobytes(),
    )  # fmt: skip


def _table(samples: NDArray[Any], space: Table, limit: int) -> Rendering:
    shown = tuple(map(tuple, cells(samples[:limit], space)))
    bars = tuple(_histogram(column, values) for column, values in parts(np.asarray(samples, np.float64), space))
    names = tuple(column.name for column in space.columns)
    return Rendering(kind="table", count=len(shown), columns=names, cells=shown, histograms=bars)


def _histogram(column: Column, values: NDArray[np.float64]) -> tuple[float, ...]:
    """The share of each category, or of twelve equal ranges within three deviations, against the largest share."""
    if column.categories:
        counts = np.bincount(np.nan_to_num(values).argmax(1), minlength=column.width)
    else:
        counts, _ = np.histogram(np.clip(np.nan_to_num(values[:, 0]), -3, 3), bins=BARS, range=(-3, 3))
    return tuple(float(share) for share in np.round(counts / max(1, counts.max()), 3))


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
