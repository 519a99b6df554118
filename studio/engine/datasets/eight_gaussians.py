"""Eight Gaussians on a circle."""

import numpy as np

from studio.api import Dataset
from studio.engine.datasets.mixture import Mixture, mixture_dataset


def load(seed: int = 0) -> Dataset:
    """20,000 points of eight Gaussians (radius 2, sigma 0.2 before scaling); the class is the Gaussian."""
    angles = np.arange(8) * np.pi / 4
    centres = 2 * np.stack([np.cos(angles), np.sin(angles)], 1)
    classes = tuple(f"{45 * k}°" for k in range(8))
    return mixture_dataset(Mixture(centres, 0.2, np.arange(8)).standardised(), classes, seed)
