"""How exactly views of a scene are rebuilt: peak signal to noise."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def psnr(generated: NDArray[Any], reference: NDArray[Any]) -> float:
    """The mean over views (n, 3, h, w) in [0, 1] of -10 log10 of their squared error, in dB; view k is compared with view k."""
    errors = np.square(np.asarray(generated, np.float64) - reference).mean((1, 2, 3))
    return float(-10 * np.log10(np.maximum(errors, 1e-10)).mean())
