"""PixelCNN++: bits of held-out pictures that need no bound and no noise, and how near its samples are to real ones."""

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import torch

from studio.api import Dataset
from studio.engine.metrics.evaluate import reference
from studio.engine.metrics.frechet import frechet_distance
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.trained import Trained, dataset, train, without_classes

SAMPLES, AT_ONCE = 1000, 100
DIGITS: Mapping[str, Any] = {"steps": 1200, "batch_size": 32, "width": 32, "blocks": 2, "dropout": 0.3, "ema": 0.995}
MNIST: Mapping[str, Any] = {"steps": 600, "batch_size": 16, "width": 24, "blocks": 1, "dropout": 0.0, "ema": 0.99}


@torch.no_grad()
def bits_of(trained: Trained, most: int) -> float:
    """Bits per dimension of held-out pictures given their classes, where they have classes."""
    x, found = torch.from_numpy(trained.dataset.validation[:most]), trained.dataset.validation_labels
    given = {} if found is None else {"label": torch.from_numpy(found[:most])}
    score, total = trained.generator.scores()["log_prob"], 0.0
    for first in range(0, len(x), AT_ONCE):
        rows = slice(first, first + AT_ONCE)
        total += float(score.score(x[rows], torch.empty(len(x[rows]), 0), {k: v[rows] for k, v in given.items()}).sum())
    return -total / (x.numel() * math.log(2))


def other_split() -> Dataset:
    """Digits without classes, split as where the histogram and the tiny ImageGPT were measured: by `RandomState(0)`."""
    from sklearn.datasets import load_digits

    found: Any = load_digits()
    pictures = (found.images[:, None] / 8 - 1).astype(np.float32)
    order = np.random.RandomState(0).permutation(len(pictures))
    studio = without_classes("digits")
    return replace(studio, train=pictures[order[:1497]], validation=pictures[order[1497:]])


@cache
def digits() -> Trained:
    """On the studio's split, without classes."""
    return train("pixelcnn", without_classes("digits"), **DIGITS)


def digits_bits() -> Result:
    """On the split of the figures beside it, and on the studio's."""
    trained = train("pixelcnn", other_split(), **DIGITS)
    notes = f"exact; {bits_of(digits(), 300):.3f} on the studio's own split; tiny ImageGPT 2.253 (its best epoch there)"
    return Result(ours=bits_of(trained, 300), cpu_seconds=trained.cpu_seconds, notes=notes)


def digits_distance() -> Result:
    """Of samples at temperature 1, beside held-out pictures; and at a lower temperature."""
    trained = digits()
    real = reference(trained.dataset)
    held_out = frechet_distance(trained.dataset.validation, real)
    colder = frechet_distance(trained.sample(SAMPLES, temperature=0.9), real)
    notes = f"at temperature 0.9 {colder:.2f}; held-out digits {held_out:.2f}"
    return Result(ours=frechet_distance(trained.sample(SAMPLES), real), cpu_seconds=trained.cpu_seconds, notes=notes)


def mnist_bits() -> Result:
    """256 levels, by a mixture of logistics, given the class."""
    trained = train("pixelcnn", dataset("mnist"), **MNIST)
    weights = sum(weight.numel() for weight in trained.generator.parameters() if weight.requires_grad)
    notes = f"exact; {weights / 1e6:.2f} M parameters; {bits_of(trained, 100):.3f} on the 100 pictures of the VAE's line"
    return Result(ours=bits_of(trained, 500), cpu_seconds=trained.cpu_seconds, notes=notes)


BITS = "bits/dim of held-out pictures"
LINES = (
    Line(
        name="pixelcnn digits bits", method="pixelcnn", dataset="digits 8x8, no classes, split of `RandomState(0)`",
        budget=f"{DIGITS['steps']} steps of {DIGITS['batch_size']}, one thread", metric=BITS, better="lower", target=2.2,
        reference="independent histogram of each pixel, same split", published=2.429, measure=digits_bits,
    ),
    Line(
        name="pixelcnn digits samples", method="pixelcnn", dataset="digits 8x8, no classes",
        budget=f"{DIGITS['steps']} steps of {DIGITS['batch_size']}, one thread",
        metric=f"FD-digits-v1 of {SAMPLES:,} samples", better="lower", measure=digits_distance,
    ),
    Line(
        name="pixelcnn mnist bits", method="pixelcnn", dataset="MNIST-5k",
        budget=f"{MNIST['steps']} steps of {MNIST['batch_size']}, one thread", metric=BITS, better="lower", measure=mnist_bits,
    ),
)  # fmt: skip
