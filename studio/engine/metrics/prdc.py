"""Precision, recall, density and coverage from nearest neighbours."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.engine.metrics.features import embed

K = 5
MOST = 1000


class Neighbourhoods(NamedTuple):
    """Squared distances generated x real, (N, N), and the squared radius to each sample's K-th neighbour of its own kind."""

    distances: NDArray[np.float64]
    generated: NDArray[np.float64]
    real: NDArray[np.float64]


def precision(generated: NDArray[Any], reference: NDArray[Any]) -> float:
    """Share of generated samples within a real neighbourhood (Kynkäänniemi et al., 2019, arXiv:1904.06991)."""
    near = neighbourhoods(generated, reference)
    return float((near.distances <= near.real).any(1).mean())


def recall(generated: NDArray[Any], reference: NDArray[Any]) -> float:
    """Share of real samples within a generated neighbourhood (Kynkäänniemi et al., 2019, arXiv:1904.06991)."""
    near = neighbourhoods(generated, reference)
    return float((near.distances <= near.generated[:, None]).any(0).mean())


def density(generated: NDArray[Any], reference: NDArray[Any]) -> float:
    """Real neighbourhoods around a generated sample, over K; about 1 for real samples (Naeem et al., 2020, arXiv:2002.09797)."""
    near = neighbourhoods(generated, reference)
    return float((near.distances <= near.real).sum(1).mean() / _k(len(near.real)))


def coverage(generated: NDArray[Any], reference: NDArray[Any]) -> float:
    """Share of real samples with a generated one in their neighbourhood (Naeem et al., 2020, arXiv:2002.09797)."""
    near = neighbourhoods(generated, reference)
    return float((near.distances.min(0) <= near.real).mean())


def neighbourhoods(generated: NDArray[Any], reference: NDArray[Any]) -> Neighbourhoods:
    """Of equally many samples of both kinds, at most 1,000, spread over the given ones; pictures by their features."""
    n = min(len(generated), len(reference), MOST)
    a, b = embed(_spread(generated, n)), embed(_spread(reference, n))
    return Neighbourhoods(squared_distances(a, b), _radii(a), _radii(b))


def squared_distances(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, D), (M, D) -> (N, M)"""
    return np.maximum((a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T, 0)


def _radii(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    k = _k(len(samples))
    return np.partition(squared_distances(samples, samples), k, axis=1)[:, k]


def _k(n: int) -> int:
    return min(K, n - 1)


def _spread(samples: NDArray[Any], n: int) -> NDArray[Any]:
    return samples[np.linspace(0, len(samples) - 1, n, dtype=np.int64)]
