"""Training data as batches that depend on the seed and the step number alone, so that a resumed run sees the same ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.api.dataset import Dataset
from studio.api.space import Views
from studio.api.words import write_words
from studio.kit.rays import Rays, cast_rays
from studio.kit.stage import Batches


@dataclass(frozen=True)
class Batch:
    """Samples (n, *space.shape), their class indices (n,) and the words of their captions (n, t), or None.

    Of rays through views x is their colours (n, 3).
    """

    x: Tensor
    labels: Tensor | None = None
    words: Tensor | None = None
    rays: Rays | None = None


class Source:
    """A dataset on a device.

    Args:
        dataset: arrays; a token stream is one-dimensional.
        size: batch size; of views it counts rays.
        seed: decides the order.
    """

    def __init__(self, dataset: Dataset, size: int, seed: int, device: torch.device) -> None:
        self.dataset = dataset
        self.size = min(size, pixels(dataset) if dataset.train_poses is not None else len(dataset.train))
        self.seed = seed
        self.device = device
        self.train = torch.from_numpy(dataset.train).to(device)
        self.validation = torch.from_numpy(dataset.validation).to(device)
        self.labels = _to(dataset.train_labels, device)
        self.validation_labels = _to(dataset.validation_labels, device)
        self.words, self.validation_words = (
            self._written(captions) for captions in (dataset.captions, dataset.validation_captions)
        )
        self.poses = _to(dataset.train_poses, device)
        self.validation_poses = _to(dataset.validation_poses, device)
        self._epoch = -1
        self._order = np.empty(0, np.int64)

    def batches(self) -> Batches:
        """Shuffled epochs; a batch that crosses an epoch takes from both."""
        return self._batch

    def windows(self, length: int) -> Batches:
        """Random stretches of `length` tokens out of the stream: x is (n, length)."""

        def batch(step: int) -> Batch:
            starts = np.random.Generator(np.random.Philox(key=[self.seed, step])).integers(
                len(self.train) - length + 1, size=self.size
            )
            return Batch(cut(self.train, torch.from_numpy(starts).to(self.device), length))

        return batch

    def rays(self) -> Batches:
        """Random pixels of random training views with the rays through them; of sets of views only."""
        space = self.dataset.signature.space
        assert isinstance(space, Views)
        assert self.poses is not None
        poses = self.poses

        def batch(step: int) -> Batch:
            random = np.random.Generator(np.random.Philox(key=[self.seed, step]))
            places = torch.from_numpy(random.integers(pixels(self.dataset), size=self.size)).to(self.device)
            return look(self.train, poses, space, places)

        return batch

    def held_out_rays(self, most: int) -> Batch:
        """At most `most` pixels of the held-out views, evenly spread, with their rays."""
        space = self.dataset.signature.space
        assert isinstance(space, Views)
        assert self.validation_poses is not None
        count = len(self.validation) * space.height * space.width
        places = torch.linspace(0, count - 1, min(most, count), device=self.device, dtype=torch.float64).long()
        return look(self.validation, self.validation_poses, space, places)

    def _batch(self, step: int) -> Batch:
        first = step * self.size
        picks = torch.from_numpy(np.array([self._pick(k) for k in range(first, first + self.size)])).to(self.device)
        labels, words = (None if known is None else known[picks] for known in (self.labels, self.words))
        return Batch(self.train[picks], labels, words)

    def _written(self, captions: tuple[str, ...]) -> Tensor | None:
        words = self.dataset.signature.words
        return torch.from_numpy(write_words(captions, words)).to(self.device) if words and captions else None

    def _pick(self, k: int) -> int:
        epoch, place = divmod(k, len(self.train))
        if epoch != self._epoch:
            self._order = np.random.Generator(np.random.Philox(key=[self.seed, epoch])).permutation(len(self.train))
            self._epoch = epoch
        return int(self._order[place])


def pixels(dataset: Dataset) -> int:
    """How many pixels all training views have together."""
    return len(dataset.train) * dataset.train.shape[2] * dataset.train.shape[3]


def look(views: Tensor, poses: Tensor, space: Views, places: Tensor) -> Batch:
    """Colours (n, 3) and rays of pixels (n,) of views (v, 3, h, w), counted through all of them row by row."""
    view, place = places // (space.height * space.width), places % (space.height * space.width)
    row, column = place // space.width, place % space.width
    return Batch(views[view, :, row, column], rays=cast_rays(poses[view], row, column, space))


def cut(stream: Tensor, starts: Tensor, length: int) -> Tensor:
    """Windows (n, length) of a stream (N,) from each start (n,)."""
    return stream[starts[:, None] + torch.arange(length, device=stream.device)]


def _to(array: NDArray[Any] | None, device: torch.device) -> Tensor | None:
    return None if array is None else torch.from_numpy(array).to(device)
