"""Sliced Wasserstein distance."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

DIRECTIONS = 128


def sliced_wasserstein(generated: NDArray[Any], reference: NDArray[Any], seed: int = 0) -> float:
    """Sliced Wasserstein-2 distance (Bonneel et al., 2015, https://doi.org/10.1007/s10851-014-0506-3).

    Both samples, (N, D) and (M, D), are projected on 128 seeded directions; in one dimension the distance is that of the
    quantiles. The unit is that of the coordinates.
    """
    a, b = (np.asarray(part, np.float64).reshape(len(part), -1) for part in (generated, reference))
    directions = np.random.default_rng(seed).standard_normal((a.shape[1], DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    levels = (np.arange(min(len(a), len(b))) + 0.5) / min(len(a), len(b))
    shadows = [np.sort(part @ directions, axis=0)[(levels * len(part)).astype(np.int64)] for part in (a, b)]
    return float(np.sqrt(((shadows[0] - shadows[1]) ** 2).mean()))
