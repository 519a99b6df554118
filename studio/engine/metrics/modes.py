"""Lost modes and stray points, where the modes are known."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.datasets.mixture import Mixture

NEAR = 3.0


def modes_covered(generated: NDArray[Any], truth: Mixture) -> float:
    """Number of Gaussians with at least one point within 3 sigma (Srivastava et al., VEEGAN, 2017, arXiv:1705.07761)."""
    nearest, distance = _nearest(generated, truth)
    return float(len(np.unique(nearest[distance <= NEAR * truth.sigma])))


def high_quality(generated: NDArray[Any], truth: Mixture) -> float:
    """Share of points (N, 2) within 3 sigma of a Gaussian's centre; 0.989 for real ones (VEEGAN, 2017, arXiv:1705.07761)."""
    return float((_nearest(generated, truth)[1] <= NEAR * truth.sigma).mean())


def _nearest(generated: NDArray[Any], truth: Mixture) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    distances = np.linalg.norm(np.asarray(generated, np.float64)[:, None] - truth.centres, axis=-1)
    return distances.argmin(1), distances.min(1)
