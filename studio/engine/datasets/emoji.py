"""Emoji-32: every emoji of Unicode 15 as drawn by Noto Color Emoji, 32x32, with its English name."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.api import Dataset, Image, Signature
from studio.engine.datasets.shipped import pixels, read, split

SPACE = Image(height=32, width=32, channels=3, levels=256)


def load() -> Dataset:
    """3,290 pictures for training and 365 for validation; the class is one of nine groups, the caption the name.

    The tags are the group and one of 99 subgroups.
    """
    data = read("emoji")
    pictures, labels = pixels(data["pictures"]), data["group"].astype(np.int64)
    train, held_out = split(len(pictures), len(pictures) // 10)
    return Dataset(
        signature=Signature(space=SPACE, classes=_names(data["groups"])),
        train=pictures[train], validation=pictures[held_out],
        train_labels=labels[train], validation_labels=labels[held_out], captions=_names(data["captions"][train]),
        validation_captions=_names(data["captions"][held_out]), tags=_tags(data, train),
    )  # fmt: skip


def load_faces() -> Dataset:
    """The round faces: 97, each also mirrored, for training and 10 for validation; the class is one of eleven moods."""
    data = read("emoji")
    moods = [k for k, name in enumerate(data["subgroups"]) if name.startswith("face-") and name != "face-costume"]
    chosen = np.flatnonzero(np.isin(data["subgroup"], moods))
    pictures, labels = pixels(data["pictures"][chosen]), np.searchsorted(moods, data["subgroup"][chosen])
    train, held_out = split(len(chosen), len(chosen) // 10)
    captions = _names(data["captions"][chosen[train]])
    return Dataset(
        signature=Signature(space=SPACE, classes=tuple(str(data["subgroups"][k]).removeprefix("face-") for k in moods)),
        train=np.concatenate([pictures[train], pictures[train, ..., ::-1]]), validation=pictures[held_out],
        train_labels=np.tile(labels[train], 2), validation_labels=labels[held_out], captions=captions * 2,
        validation_captions=_names(data["captions"][chosen[held_out]]), tags=_tags(data, chosen[train]) * 2,
    )  # fmt: skip


def _tags(data: Mapping[str, NDArray[Any]], places: NDArray[np.int64]) -> tuple[tuple[str, str], ...]:
    groups, subgroups = data["groups"][data["group"][places]], data["subgroups"][data["subgroup"][places]]
    return tuple(zip(_names(groups), _names(subgroups), strict=True))


def _names(array: NDArray[Any]) -> tuple[str, ...]:
    return tuple(map(str, array))
