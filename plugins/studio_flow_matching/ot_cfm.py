"""OT-CFM: flow matching whose noise and samples are paired by optimal transport within each batch."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import cast

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from studio.kit.source import Batch, Source
from studio.kit.stage import Batches, Stage, State
from studio.kit.training import Training

from .cards.ot_cfm import OTCFMParams
from .matching import Matching
from .pairs import Pair, joined
from .vector_field import VectorField


class OTCFM(VectorField):
    """Conditional flow matching with minibatch optimal transport, whose paths hardly cross and can be followed in few steps.

    Source: Tong et al., Improving and Generalizing Flow-Based Generative Models with Minibatch Optimal Transport, 2023,
    https://arxiv.org/abs/2302.00482
    """

    def stages(self) -> Sequence[Stage]:
        return (TransportedPairs(self),)


class TransportedPairs(Matching):
    """Pairs several batches at once with as many sources, then trains on them batch by batch."""

    def __init__(self, flow: OTCFM) -> None:
        params = cast(OTCFMParams, flow.params)
        super().__init__(flow, params.learning_rate)
        self.sigma = params.sigma
        self.together = params.batches_together

    def data(self, source: Source) -> Batches:
        independent, together = super().data(source), self.together

        @lru_cache(maxsize=1)
        def group(k: int) -> Pair:
            return self.matched(joined([cast(Pair, independent(step)) for step in range(k * together, (k + 1) * together)]))

        def batch(step: int) -> Pair:
            first = step % together * source.size
            return group(step // together).rows(slice(first, first + source.size))

        return batch

    def matched(self, pair: Pair) -> Pair:
        """The same samples, each with the source that transport assigns to it."""
        return Pair(pair.x, pair.labels, start=transport(pair.start, pair.x, pair.labels))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        pair = cast(Pair, batch)
        shift = self.sigma * torch.randn_like(pair.x)
        return super().step(state, Pair(pair.x + shift, pair.labels, start=pair.start + shift), training)


def transport(start: Tensor, end: Tensor, labels: Tensor | None) -> Tensor:
    """`start` (n, ...) reordered so that the squared distances to `end` add up to the least.

    Within each class where there are classes: else the noise of a class would no longer be normal, which sampling assumes.

    Source of the latter: Cheng and Schwing, The Curse of Conditions, 2025, https://arxiv.org/abs/2503.10636
    """
    if labels is None:
        return start[assignment(start, end)]
    moved = start.clone()
    for label in labels.unique():
        rows = torch.nonzero(labels == label).flatten()
        moved[rows] = start[rows[assignment(start[rows], end[rows])]]
    return moved


def assignment(start: Tensor, end: Tensor) -> Tensor:
    """For each row of `end` (n, ...) the index of its partner among the rows of `start`: (n,)"""
    costs = torch.cdist(end.flatten(1).double(), start.flatten(1).double()).square()
    return torch.from_numpy(linear_sum_assignment(costs.cpu().numpy())[1]).to(start.device)
