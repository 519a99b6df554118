"""Three rings around one centre."""

import numpy as np

from studio.api import Dataset
from studio.engine.datasets.mixture import Mixture, mixture_dataset

KNOTS = 400


def load(seed: int = 0) -> Dataset:
    """20,000 points of rings with radii 1, 2, 3, blurred by sigma 0.1 before scaling; the class is the ring."""
    angles = np.arange(KNOTS) * 2 * np.pi / KNOTS
    circle = np.stack([np.cos(angles), np.sin(angles)], 1)
    centres = np.concatenate([radius * circle for radius in (1, 2, 3)])
    mixture = Mixture(centres, 0.1, np.repeat(np.arange(3), KNOTS)).standardised()
    return mixture_dataset(mixture, ("inner", "middle", "outer"), seed)
