"""A spiral: the swiss roll seen from the side."""

import numpy as np

from studio.api import Dataset
from studio.engine.datasets.mixture import Mixture, mixture_dataset

KNOTS = 768


def load(seed: int = 0) -> Dataset:
    """20,000 points of r = t for t in (1.5 pi, 4.5 pi), uniform in t, blurred by sigma 0.5 before scaling."""
    turn = 1.5 * np.pi + (np.arange(KNOTS) + 0.5) * 3 * np.pi / KNOTS
    centres = np.stack([turn * np.cos(turn), turn * np.sin(turn)], 1)
    return mixture_dataset(Mixture(centres, 0.5).standardised(), seed=seed)
