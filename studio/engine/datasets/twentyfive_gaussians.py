"""Twenty-five narrow Gaussians on a square grid, the usual trial for lost modes."""

import numpy as np

from studio.api import Dataset
from studio.engine.datasets.mixture import Mixture, mixture_dataset


def load(seed: int = 0) -> Dataset:
    """20,000 points; centres at -4, -2, 0, 2, 4 and sigma 0.05 before scaling (Srivastava et al., VEEGAN, 2017)."""
    places = np.arange(-4.0, 5.0, 2.0)
    centres = np.stack(np.meshgrid(places, places), -1).reshape(-1, 2)
    classes = tuple(f"row {k // 5 + 1}, column {k % 5 + 1}" for k in range(25))
    return mixture_dataset(Mixture(centres, 0.05, np.arange(25)).standardised(), classes, seed)
