"""Samples of any space as pictures side by side."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studio.api.errors import StudioError
from studio.api.space import Audio, Image, Points, Views
from studio.api.values import Samples
from studio.engine.render import tiles

Pixels = NDArray[np.uint8]
GROUND = (15, 17, 21, 255)
INK = np.array((122, 162, 255, 255), np.float32)
PLOT = 128
GAP = 2


def panels(samples: Samples, reach: float | None = None) -> Pixels:
    """Pictures (n, height, width, 4); a cloud of points is one picture of them all, a waveform one picture each.

    `reach` is the largest coordinate that a picture of points shows, that of its farthest point where None.

    Raises:
        StudioError: there is nothing to see, as with text.
    """
    space = samples.space
    if isinstance(space, Image | Views):
        return tiles(samples.array, -1.0 if isinstance(space, Image) else 0.0)
    if isinstance(space, Points):
        return _scatter(samples.array, reach or farthest(samples.array))[None]
    if isinstance(space, Audio):
        return np.stack([_wave(row.ravel()) for row in samples.array])
    raise StudioError("These samples are not pictures. Link them to a text view instead.")


def in_rows(rows: Sequence[Pixels]) -> Pixels:
    """Rows of pictures (n, height, width, 4) as one picture, each row as high as its pictures."""
    width = max(_width(row) for row in rows)
    drawn = [_row(row, width) for row in rows]
    gap = _ground(GAP, width)
    return np.concatenate([part for row in drawn for part in (row, gap)][:-1])


def in_columns(pictures: Pixels, columns: int) -> Pixels:
    """Pictures of one size as one picture with so many columns."""
    return in_rows([pictures[start : start + columns] for start in range(0, len(pictures), columns)])


def same_size(pictures: Sequence[Pixels]) -> Pixels:
    """Batches of pictures as one batch, the smaller ones enlarged by whole numbers and centred."""
    height, width = (max(batch.shape[axis] for batch in pictures) for axis in (1, 2))
    return np.concatenate([_fitted(batch, height, width) for batch in pictures])


def as_samples(pixels: Pixels, title: str) -> Samples:
    """One picture (height, width, 4) as a batch of one sample."""
    height, width, _ = pixels.shape
    array = pixels.transpose(2, 0, 1)[None].astype(np.float32) / 127.5 - 1
    return Samples(array, Image(height=height, width=width, channels=4, levels=256), title)


def _fitted(batch: Pixels, height: int, width: int) -> Pixels:
    times = max(1, min(height // batch.shape[1], width // batch.shape[2]))
    large = batch.repeat(times, 1).repeat(times, 2)
    top, left = (height - large.shape[1]) // 2, (width - large.shape[2]) // 2
    placed = np.broadcast_to(np.array(GROUND, np.uint8), (len(batch), height, width, 4)).copy()
    placed[:, top : top + large.shape[1], left : left + large.shape[2]] = large
    return placed


def _width(row: Pixels) -> int:
    return len(row) * (row.shape[2] + GAP) - GAP


def _row(row: Pixels, width: int) -> Pixels:
    gap = _ground(row.shape[1], GAP)
    joined = np.concatenate([part for picture in row for part in (picture, gap)][:-1], axis=1)
    return np.concatenate([joined, _ground(row.shape[1], width - joined.shape[1])], axis=1)


def _ground(height: int, width: int) -> Pixels:
    return np.broadcast_to(np.array(GROUND, np.uint8), (height, width, 4))


def farthest(points: NDArray[np.float32]) -> float:
    """The largest finite coordinate of points (n, d), and a little more."""
    plane = points[:, :2]
    return float(np.abs(plane[np.isfinite(plane)]).max(initial=1e-6)) * 1.05


def _scatter(points: NDArray[np.float32], reach: float) -> Pixels:
    finite = points[np.isfinite(points).all(axis=1)]
    flat = finite[:, :2] if finite.shape[1] > 1 else np.column_stack([finite, np.zeros_like(finite)])
    density, *_ = np.histogram2d(-flat[:, 1], flat[:, 0], bins=PLOT, range=[[-reach, reach]] * 2)
    return _inked(1 - np.exp(-2 * density))


def _wave(wave: NDArray[np.float32]) -> Pixels:
    peaks = np.array([np.abs(part).max(initial=0.0) for part in np.array_split(wave, PLOT)])
    height = np.abs(np.linspace(1, -1, PLOT))[:, None]
    return _inked((height <= np.nan_to_num(peaks)[None]).astype(np.float64))


def _inked(strength: NDArray[np.float64]) -> Pixels:
    share = strength[..., None].astype(np.float32)
    return (share * INK + (1 - share) * np.array(GROUND, np.float32)).astype(np.uint8)
