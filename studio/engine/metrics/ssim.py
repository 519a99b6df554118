"""How alike views of a scene look: structural similarity."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

DEVIATION, TRUNCATE, MARGIN = 1.5, 3.5, 5
DARK, FLAT = 0.01**2, 0.03**2


def ssim(generated: NDArray[Any], reference: NDArray[Any]) -> float:
    """The mean over views (n, 3, h, w) in [0, 1], from -1 to 1; view k is compared with view k.

    Means, variances and covariances under a Gaussian window of 11x11 pixels, each colour for itself, without the edges.

    Source: Wang et al., Image Quality Assessment: From Error Visibility to Structural Similarity, 2004,
    https://doi.org/10.1109/TIP.2003.819861
    """
    a, b = np.asarray(generated, np.float64), np.asarray(reference, np.float64)
    mean_a, mean_b = _blur(a), _blur(b)
    spread = _blur(a * a) - mean_a**2 + _blur(b * b) - mean_b**2
    together = _blur(a * b) - mean_a * mean_b
    alike = (2 * mean_a * mean_b + DARK) * (2 * together + FLAT)
    whole = alike / ((mean_a**2 + mean_b**2 + DARK) * (spread + FLAT))
    margin = min(MARGIN, (min(whole.shape[2:]) - 1) // 2)
    return float(whole[:, :, margin : whole.shape[2] - margin, margin : whole.shape[3] - margin].mean())


def _blur(views: NDArray[np.float64]) -> NDArray[np.float64]:
    return gaussian_filter(views, (0, 0, DEVIATION, DEVIATION), truncate=TRUNCATE)
