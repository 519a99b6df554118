"""What the picture sets in resources/data have in common: bytes to pixels in [-1, 1], and seeded splits."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.api import StudioError
from studio.home import resources


def read(name: str) -> Mapping[str, NDArray[Any]]:
    """The arrays of resources/data/NAME.npz; StudioError where the installation lacks it."""
    file = resources() / "data" / f"{name}.npz"
    if not file.is_file():
        raise StudioError(f"The data set '{name}' is missing from this installation ({file}). Install Generative Studio again.")
    with np.load(file, allow_pickle=False) as archive:
        return dict(archive)


def pixels(pictures: NDArray[np.uint8], brightest: int = 255) -> NDArray[np.float32]:
    """Bytes (N, H, W) or (N, H, W, C) from 0 to `brightest` -> float32 (N, C, H, W) in [-1, 1]."""
    channels_first = pictures[:, None] if pictures.ndim == 3 else pictures.transpose(0, 3, 1, 2)
    return np.ascontiguousarray(channels_first, np.float32) * np.float32(2 / brightest) - 1


def split(n: int, held_out: int, seed: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of the training and of the held-out samples, both shuffled: any first few are a fair sample."""
    order = np.random.default_rng(seed).permutation(n)
    return order[held_out:], order[:held_out]
