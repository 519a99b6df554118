"""Training data as batches that depend on the seed and the step number alone, so that a resumed run sees the same ones."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from studio.api.dataset import Dataset
from studio.kit.stage import Batches


@dataclass(frozen=True)
class Batch:
    """Samples (n, *space.shape) and their class indices (n,), or None."""

    x: Tensor
    labels: Tensor | None = None


class Source:
    """A dataset on a device.

    Args:
        dataset: arrays; a token stream is one-dimensional.
        size: batch size.
        seed: decides the order.
    """

    def __init__(self, dataset: Dataset, size: int, seed: int, device: torch.device) -> None:
        self.dataset = dataset
        self.size = min(size, len(dataset.train))
        self.seed = seed
        self.device = device
        self.train = torch.from_numpy(dataset.train).to(device)
        self.validation = torch.from_numpy(dataset.validation).to(device)
        self.labels = _to(dataset.train_labels, device)
        self.validation_labels = _to(dataset.validation_labels, device)
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

    def _batch(self, step: int) -> Batch:
        first = step * self.size
        picks = torch.from_numpy(np.array([self._pick(k) for k in range(first, first + self.size)])).to(self.device)
        return Batch(self.train[picks], None if self.labels is None else self.labels[picks])

    def _pick(self, k: int) -> int:
        epoch, place = divmod(k, len(self.train))
        if epoch != self._epoch:
            self._order = np.random.Generator(np.random.Philox(key=[self.seed, epoch])).permutation(len(self.train))
            self._epoch = epoch
        return int(self._order[place])


def cut(stream: Tensor, starts: Tensor, length: int) -> Tensor:
    """Windows (n, length) of a stream (N,) from each start (n,)."""
    return stream[starts[:, None] + torch.arange(length, device=stream.device)]


def _to(labels: "np.ndarray[tuple[int], np.dtype[np.int64]] | None", device: torch.device) -> Tensor | None:
    return None if labels is None else torch.from_numpy(labels).to(device)
