"""Maximum mean discrepancy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.metrics.features import embed
from studio.engine.metrics.prdc import squared_distances

MOST = 1000


def mmd(generated: NDArray[Any], reference: NDArray[Any]) -> float:
    """Unbiased squared MMD under a Gaussian kernel (Gretton et al., 2012, https://jmlr.org/papers/v13/gretton12a.html).

    The kernel's width is the median distance of real samples; the first 1,000 generated and 1,000 spread real ones are used.
    About 0 (and as often below) for two samples of one distribution.
    """
    a = embed(generated[:MOST])
    b = embed(reference[np.linspace(0, len(reference) - 1, min(len(reference), MOST), dtype=np.int64)])
    real = squared_distances(b, b)
    width = 2 * float(np.median(real[np.triu_indices(len(b), 1)]))
    within = _mean_of_pairs(squared_distances(a, a), width) + _mean_of_pairs(real, width)
    return within - 2 * float(np.exp(-squared_distances(a, b) / width).mean())


def _mean_of_pairs(squares: NDArray[np.float64], width: float) -> float:
    n = len(squares)
    return float((np.exp(-squares / width).sum() - n) / (n * (n - 1)))
