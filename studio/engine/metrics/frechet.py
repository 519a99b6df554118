"""Fréchet distance of two sets of features."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.metrics.features import embed


def frechet_distance(generated: NDArray[Any], reference: NDArray[Any]) -> float:
    """Squared Fréchet distance of the Gaussians fitted to two samples (Heusel et al., 2017, arXiv:1706.08500).

    |m1 - m2|² + tr(C1) + tr(C2) - 2 tr((C1 C2)^½), the last from the eigenvalues of C1 C2. Pictures (N, C, H, W) are measured
    by the network of `features.embed`, so the number is comparable within one data set only; features (N, D) as they are.
    It is biased upwards for small N: compare equal numbers of samples.
    """
    a, b = embed(generated), embed(reference)
    first, second = np.atleast_2d(np.cov(a.T)), np.atleast_2d(np.cov(b.T))
    roots = np.sqrt(np.maximum(np.linalg.eigvals(first @ second).real, 0)).sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(first) + np.trace(second) - 2 * roots)
