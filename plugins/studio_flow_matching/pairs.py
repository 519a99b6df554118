"""Samples with what their paths begin at, one batch of them or many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import torch
from torch import Tensor

from studio.kit.source import Batch


@dataclass(frozen=True)
class Pair(Batch):
    """A batch of samples with the noise that their paths begin at: `start`, like x (n, *space.shape)."""

    start: Tensor = field(kw_only=True)

    def rows(self, rows: slice | Tensor) -> "Pair":
        """Some of the pairs."""
        return Pair(self.x[rows], None if self.labels is None else self.labels[rows], start=self.start[rows])


def joined(pairs: Sequence[Pair]) -> Pair:
    """Several batches as one."""
    labels = None if pairs[0].labels is None else torch.cat([cast(Tensor, pair.labels) for pair in pairs])
    return Pair(torch.cat([pair.x for pair in pairs]), labels, start=torch.cat([pair.start for pair in pairs]))


class Pairs:
    """Pairs that a flow made itself, kept up to a number; part of a stage's state and so of every checkpoint.

    Args:
        most: how many are kept.
        device: where.
    """

    def __init__(self, most: int, device: torch.device) -> None:
        self.most = most
        self.device = device
        self.kept: list[Pair] = []

    def __len__(self) -> int:
        return sum(len(pair.x) for pair in self.kept)

    @property
    def full(self) -> bool:
        """Whether there is no room for more."""
        return len(self) >= self.most

    def add(self, pair: Pair) -> None:
        """Keep as much of a batch as there is room for."""
        self.kept = [joined([*self.kept, pair.rows(slice(0, self.most - len(self)))])]

    def draw(self, n: int) -> Pair:
        """`n` of them at random."""
        return self.kept[0].rows(torch.randint(len(self), (n,), device=self.device))

    def state_dict(self) -> dict[str, Any]:
        """The pairs as tensors."""
        return {name: vars(pair)[name] for pair in self.kept for name in ("start", "x", "labels")}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Those of a checkpoint instead of these."""
        here: dict[str, Any] = {name: None if tensor is None else tensor.to(self.device) for name, tensor in state_dict.items()}
        self.kept = [Pair(**here)] if here else []
