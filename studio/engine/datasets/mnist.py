"""MNIST-5k: handwritten digits of 28x28 grey pixels, 500 of each."""

import numpy as np

from studio.api import Dataset, Image, Signature
from studio.engine.datasets.shipped import pixels, read, split


def load() -> Dataset:
    """450 of each digit for training and 50 for validation (LeCun, Cortes and Burges, 1998)."""
    data = read("mnist")
    pictures, labels = pixels(data["pictures"]), data["labels"].astype(np.int64)
    parts = [[np.flatnonzero(labels == digit)[part] for part in split(500, 50, seed=digit)] for digit in range(10)]
    shuffle = np.random.default_rng(10).permutation
    train, held_out = (shuffle(np.concatenate([part[side] for part in parts])) for side in (0, 1))
    return Dataset(
        signature=Signature(space=Image(height=28, width=28, channels=1, levels=256), classes=tuple("0123456789")),
        train=pictures[train], validation=pictures[held_out],
        train_labels=labels[train], validation_labels=labels[held_out],
    )  # fmt: skip
