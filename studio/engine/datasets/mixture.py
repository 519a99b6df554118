"""Equal, round Gaussians in the plane: the density behind most toys, where a blurred curve is a dense row of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from studio.api import Dataset, Points, Signature

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Mixture:
    """A known density: called with points (N, 2) it gives their log-density (N,) in nats.

    Attributes:
        centres: (K, 2), all equally likely.
        sigma: standard deviation of each Gaussian.
        labels: (K,) the class of each centre, or None.
    """

    centres: Array
    sigma: float
    labels: NDArray[np.int64] | None = None

    def standardised(self) -> "Mixture":
        """The same shape moved to mean 0 and scaled to a mean variance of 1."""
        centred = self.centres - self.centres.mean(0)
        scale = float(np.sqrt(centred.var(0).mean() + self.sigma**2))
        return Mixture(centred / scale, self.sigma / scale, self.labels)

    def sample(self, n: int, rng: np.random.Generator) -> tuple[Array, NDArray[np.int64] | None]:
        """Points (n, 2) and their classes (n,)."""
        chosen = rng.integers(len(self.centres), size=n)
        points = self.centres[chosen] + self.sigma * rng.standard_normal((n, 2))
        return points, None if self.labels is None else self.labels[chosen]

    def __call__(self, points: Array) -> Array:
        """Log-density in nats: (N, 2) -> (N,)."""
        pieces = np.array_split(np.asarray(points, np.float64), max(1, len(points) * len(self.centres) // 400_000))
        return np.concatenate([self._log_density(piece) for piece in pieces])

    def _log_density(self, points: Array) -> Array:
        products = points @ self.centres.T
        squares = (points**2).sum(1)[:, None] + (self.centres**2).sum(1) - 2 * products
        nearest = squares.min(1)
        summed = np.exp(-(squares - nearest[:, None]) / (2 * self.sigma**2)).mean(1)
        return np.log(summed) - nearest / (2 * self.sigma**2) - np.log(2 * np.pi * self.sigma**2)


def mixture_dataset(mixture: Mixture, classes: tuple[str, ...] = (), seed: int = 0, train: int = 20_000) -> Dataset:
    """`train` samples and a quarter as many for validation, drawn from one seed."""
    rng = np.random.default_rng(seed)
    points, labels = mixture.sample(train, rng)
    held_out, held_out_labels = mixture.sample(train // 4, rng)
    return Dataset(
        signature=Signature(space=Points(dimensions=2), classes=classes),
        train=points.astype(np.float32), validation=held_out.astype(np.float32),
        train_labels=labels, validation_labels=held_out_labels, log_density=mixture,
    )  # fmt: skip
