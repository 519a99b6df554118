"""A tiny data set of every kind of space, for the laws."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from studio.api.card import SpaceKind
from studio.api.dataset import Dataset
from studio.api.space import Audio, Column, Image, Points, Signature, Space, Table, Tokens
from studio.engine.datasets.analytic_scene import scene
from studio.engine.datasets.captions import captioned

COUNT = 64


def points() -> Dataset:
    """Two blobs in the plane, without classes."""
    labels, rng = _labels(2), np.random.default_rng(0)
    return _dataset(Points(dimensions=2), rng.standard_normal((COUNT, 2)) * 0.2 + labels[:, None] * 2 - 1, None, ())


def image() -> Dataset:
    """Bright and dark 8x8 pictures of three classes, with a few words of each."""
    labels, rng = _labels(3), np.random.default_rng(0)
    pictures = rng.standard_normal((COUNT, 1, 8, 8)) * 0.2 + labels[:, None, None, None] * 0.6 - 0.6
    classes = ("dark", "grey", "bright")
    toy = _dataset(Image(height=8, width=8, channels=1), pictures.clip(-1, 1), labels, classes)
    captions = tuple(f"a picture, number {k % 8}: {classes[label]}" for k, label in enumerate(labels[: COUNT // 2]))
    return captioned(replace(toy, captions=captions))


def table() -> Dataset:
    """Two numeric columns and one of two categories."""
    labels, rng = _labels(2), np.random.default_rng(0)
    columns = (Column(name="a"), Column(name="b"), Column(name="c", categories=("x", "y")))
    rows = np.concatenate([rng.standard_normal((COUNT, 2)), np.eye(2)[labels]], axis=1)
    return _dataset(Table(columns=columns), rows, None, ())


def tokens() -> Dataset:
    """A stream that repeats itself."""
    stream = np.tile(np.arange(12), 60).astype(np.int64)
    space = Tokens(vocabulary=tuple("abcdefghijkl"), length=16)
    return Dataset(Signature(space=space), stream[:600], stream[600:])


def audio() -> Dataset:
    """Sine waves of two pitches."""
    labels = _labels(2)
    waves = np.sin(np.arange(256)[None] * (labels[:, None] + 1) * 0.1)[:, None]
    return _dataset(Audio(rate=8000, length=256), waves, labels, ("low", "high"))


def views() -> Dataset:
    """Eight tiny views of a still life, and two held out."""
    return scene(8, 2, 8)


TOYS: dict[SpaceKind, Callable[[], Dataset]] = {
    "points": points,
    "image": image,
    "table": table,
    "tokens": tokens,
    "audio": audio,
    "views": views,
}


def _labels(classes: int) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.arange(COUNT, dtype=np.int64) % classes


def _dataset(
    space: Space,
    samples: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]",
    labels: "np.ndarray[tuple[int], np.dtype[np.int64]] | None",
    classes: tuple[str, ...],
) -> Dataset:
    x = samples.astype(np.float32)
    half = COUNT // 2
    before, after = (None, None) if labels is None else (labels[:half], labels[half:])
    return Dataset(Signature(space=space, classes=classes), x[:half], x[half:], before, after)
