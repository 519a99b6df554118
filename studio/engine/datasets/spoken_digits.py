"""Spoken digits: synthetic voices at 8 kHz."""

import numpy as np
from numpy.typing import NDArray

from studio.api import Audio, Dataset, Signature
from studio.engine.datasets.shipped import read, split

RATE, LENGTH, MU = 8000, 4096, 255
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def load() -> Dataset:
    """630 sounds for training and 70 for validation, the class is the digit; 70 voices of espeak-ng say each digit once."""
    data = read("spoken_digits")
    sounds, labels = expanded(data["sounds"])[:, None], data["labels"].astype(np.int64)
    train, held_out = split(len(sounds), 70)
    return Dataset(
        signature=Signature(space=Audio(rate=RATE, length=LENGTH), classes=DIGITS),
        train=sounds[train], validation=sounds[held_out],
        train_labels=labels[train], validation_labels=labels[held_out],
    )  # fmt: skip


def expanded(companded: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mu-law bytes as values in [-1, 1]; ITU-T G.711 without its bit inversion."""
    curved = companded.astype(np.float32) / 127.5 - 1
    return (np.sign(curved) * np.expm1(np.abs(curved) * np.log1p(MU)) / MU).astype(np.float32)
