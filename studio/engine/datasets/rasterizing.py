"""Triangles as pixels, without a graphics card: which triangle each pixel shows, and where on it."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.engine.datasets.cameras import Array, Cameras

PAIRS = 2**21
NEAREST = 1e-6


class Shown(NamedTuple):
    """Pixels that show something.

    Attributes:
        pixels: their places row by row, (p,).
        triangles: which one each shows, (p,).
        shares: how near its place is to each corner, adding up to one, (p, 3).
    """

    pixels: NDArray[np.int64]
    triangles: NDArray[np.int64]
    shares: Array


def rasterize(corners: Array, cameras: Cameras, oversampling: int = 1) -> Iterator[Shown]:
    """What each camera shows of triangles (t, 3, 3), the nearest to the eye first; triangles behind the camera are left out.

    Source: Pineda, A parallel algorithm for polygon rasterization, 1988, https://doi.org/10.1145/54852.378457
    """
    side, focal = cameras.size * oversampling, cameras.focal * oversampling
    for pose in cameras.poses:
        seen = (corners - pose[:3, 3]) @ pose[:3, :3]
        depths = -seen[..., 2]
        ahead = np.flatnonzero((depths > NEAREST).all(1))
        flat = side / 2 + focal * seen[ahead][..., :2] * [1, -1] / depths[ahead][..., None]
        yield _nearest(flat, depths[ahead], ahead, side)


def _nearest(flat: Array, depths: Array, names: NDArray[np.int64], side: int) -> Shown:
    """Of triangles on the screen (t, 3, 2), the nearest at each pixel's middle."""
    closeness = np.zeros(side * side)
    winners = np.full(side * side, -1)
    shares = np.zeros((side * side, 3))
    for boxed, places in _candidates(flat, side):
        weights = _shares(flat[boxed], places, side)
        inside = (weights >= 0).all(1)
        triangles, pixels = boxed[inside], places[inside]
        towards = weights[inside] / depths[triangles]
        near = towards.sum(1)
        np.maximum.at(closeness, pixels, near)
        best = near == closeness[pixels]
        winners[pixels[best]] = triangles[best]
        shares[pixels[best]] = towards[best] / near[best, None]
    shown = np.flatnonzero(winners >= 0)
    return Shown(shown, names[winners[shown]], shares[shown])


def _candidates(flat: Array, side: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Triangles with each pixel whose middle lies in their bounding boxes, about `PAIRS` pairs at a time."""
    low = np.clip(np.ceil(flat.min(1) - 0.5), 0, side).astype(np.int64)
    high = np.clip(np.floor(flat.max(1) - 0.5), -1, side - 1).astype(np.int64)
    spans = np.maximum(high - low + 1, 0)
    counts = spans.prod(1)
    for part in np.split(np.arange(len(flat)), np.flatnonzero(np.diff(np.cumsum(counts) // PAIRS)) + 1):
        triangles = np.repeat(part, counts[part])
        within = np.arange(len(triangles)) - np.repeat(np.cumsum(counts[part]) - counts[part], counts[part])
        rows, columns = np.divmod(within, np.maximum(spans[triangles, 0], 1))
        yield triangles, (low[triangles, 1] + rows) * side + low[triangles, 0] + columns


def _shares(flat: Array, pixels: NDArray[np.int64], side: int) -> Array:
    """How near the middles of pixels are to each corner of a triangle on the screen, negative outside: (p, 3)."""
    places = np.stack([pixels % side, pixels // side], axis=1) + 0.5
    arms = flat - places[:, None]
    following, last = np.roll(arms, -1, 1), np.roll(arms, -2, 1)
    areas = following[..., 0] * last[..., 1] - following[..., 1] * last[..., 0]
    whole = areas.sum(1, keepdims=True)
    return np.divide(areas, whole, out=np.full_like(areas, -1.0), where=whole != 0)
