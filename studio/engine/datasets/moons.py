"""Two interleaved half circles."""

import numpy as np

from studio.api import Dataset
from studio.engine.datasets.mixture import Mixture, mixture_dataset

KNOTS = 128


def load(seed: int = 0) -> Dataset:
    """20,000 points of two unit half circles blurred by sigma 0.08 before scaling; the class is the moon."""
    angles = (np.arange(KNOTS) + 0.5) * np.pi / KNOTS
    upper = np.stack([np.cos(angles), np.sin(angles)], 1)
    lower = np.array([1.0, 0.5]) - upper
    labels = np.repeat(np.arange(2), KNOTS)
    return mixture_dataset(Mixture(np.concatenate([upper, lower]), 0.08, labels).standardised(), ("upper", "lower"), seed)
