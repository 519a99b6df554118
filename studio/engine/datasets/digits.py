"""Handwritten digits of 8x8 pixels with 17 levels."""

import numpy as np

from studio.api import Dataset, Image, Signature
from studio.engine.datasets.shipped import pixels, read, split


def load() -> Dataset:
    """1,497 for training and 300 for validation, the class is the digit (Alpaydin and Kaynak, 1998)."""
    data = read("digits")
    pictures, labels = pixels(data["pictures"], brightest=16), data["labels"].astype(np.int64)
    train, held_out = split(len(pictures), 300)
    return Dataset(
        signature=Signature(space=Image(height=8, width=8, channels=1, levels=17), classes=tuple("0123456789")),
        train=pictures[train], validation=pictures[held_out],
        train_labels=labels[train], validation_labels=labels[held_out],
    )  # fmt: skip
