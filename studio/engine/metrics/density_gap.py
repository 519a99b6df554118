"""Generated points judged by the true density."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

LogDensity = Callable[[NDArray[np.float64]], NDArray[np.float64]]
LOWEST = -20.0


def density_gap(generated: NDArray[Any], reference: NDArray[Any], log_density: LogDensity) -> float:
    """How much less likely than real points the generated ones are under the true density, in nats.

    The mean log-density of real minus that of generated points, (N, D); values below -20 nats, such as where the density is
    zero, count as -20. Zero for a perfect model; below zero where samples crowd on the likeliest places, so read it beside
    coverage: E_q[-log p] is the cross entropy, which falls when a model loses variety.
    """
    real, made = (np.asarray(log_density(np.asarray(part, np.float64))) for part in (reference, generated))
    return float(np.maximum(real, LOWEST).mean() - np.maximum(made, LOWEST).mean())
