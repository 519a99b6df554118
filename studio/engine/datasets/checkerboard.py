"""Eight squares of a board of four by four, each uniformly filled."""

import numpy as np
from numpy.typing import NDArray

from studio.api import Dataset, Points, Signature

SQUARE = float(np.sqrt(12 / 16))
"""Side of a square: a board of four has then unit variance in each direction."""


def load(seed: int = 0) -> Dataset:
    """20,000 points, uniform on the dark squares."""
    rng = np.random.default_rng(seed)
    return Dataset(
        signature=Signature(space=Points(dimensions=2)),
        train=_sample(20_000, rng), validation=_sample(5_000, rng), log_density=log_density,
    )  # fmt: skip


def log_density(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-density in nats, (N, 2) -> (N,); minus infinity off the dark squares."""
    square = np.floor(np.asarray(points, np.float64) / SQUARE).astype(np.int64) + 2
    inside = ((square >= 0) & (square < 4)).all(1) & (square.sum(1) % 2 == 0)
    return np.where(inside, -np.log(8 * SQUARE**2), -np.inf)


def _sample(n: int, rng: np.random.Generator) -> NDArray[np.float32]:
    column, half = rng.integers(4, size=n), rng.integers(2, size=n)
    corner = np.stack([column, 2 * half + column % 2], 1) - 2
    return (SQUARE * (corner + rng.random((n, 2)))).astype(np.float32)
