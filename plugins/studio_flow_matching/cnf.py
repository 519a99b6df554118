"""CNF: a continuous normalizing flow trained by maximum likelihood through its solver."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from studio.api import Points, Signature, Table
from studio.kit.generator import Score, require
from studio.kit.likelihood import LogProb, at_rest, log_prob_of, with_estimated_divergence, with_exact_divergence
from studio.kit.ode import backwards, solve
from studio.kit.source import Batch, Source
from studio.kit.stage import Batches, Stage, State
from studio.kit.training import Training

from .cards.cnf import CNFParams
from .matching import HELD_OUT, adam, forget, keyed, pace
from .vector_field import VectorField, clock


class CNF(VectorField):
    """A continuous normalizing flow on points and table rows.

    Source: Chen et al., Neural Ordinary Differential Equations, 2018, https://arxiv.org/abs/1806.07366; Grathwohl et al.,
    FFJORD, 2018, https://arxiv.org/abs/1810.01367
    """

    def __init__(self, signature: Signature, params: CNFParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        require(signature.space, Points, Table)
        super().__init__(signature, params, inputs)

    def stages(self) -> Sequence[Stage]:
        return (MaximumLikelihood(self),)

    def scores(self) -> Mapping[str, Score]:
        evaluations = 2 * cast(CNFParams, self.params).evaluations
        return {"log_prob": LogProb(self.space, self, self.label_ports(), evaluations)}

    def log_prob(self, network: nn.Module, x: Tensor, labels: Tensor | None, noise: Tensor | None = None) -> Tensor:
        """The log-density of samples x (n, d) in nats, (n,); an estimate with `noise` (n, d), else exact."""

        def field(x: Tensor, time: Tensor, labels: Tensor | None) -> Tensor:
            return network(x, clock(time, x), labels)

        velocity = (
            with_exact_divergence(field, labels) if noise is None else with_estimated_divergence(field, labels, noise)
        )  # fmt: skip
        return log_prob_of(solve(backwards(velocity), at_rest(x), cast(CNFParams, self.params).evaluations))


class MaximumLikelihood(Stage):
    """The mean negative log-density of the data, differentiated through the Runge-Kutta steps."""

    def __init__(self, flow: CNF) -> None:
        self.flow = flow
        self.params = cast(CNFParams, flow.params)

    def data(self, source: Source) -> Batches:
        batches = source.batches()

        def batch(step: int) -> Batch:
            batch = batches(step)
            return Batch(batch.x, forget(batch.labels, self.flow.classes, keyed(source.seed, step, source.device)))

        return batch

    def setup(self, training: Training) -> State:
        return State(optimizer=adam(self.flow.network, self.params.learning_rate))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        noise = rademacher(batch.x) if self.params.divergence == "estimated" else None
        log_prob = self.flow.log_prob(self.flow.network, batch.x, batch.labels, noise).mean()
        loss = -log_prob / math.prod(self.flow.space.shape)
        training.update(loss, state.optimizer, clip=1.0, lr=self.params.learning_rate * pace(training))
        self.flow.average.update(self.flow.network)
        return {"loss": loss.detach(), "log_prob": log_prob.detach()}

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        labels = None if source.validation_labels is None else source.validation_labels[:HELD_OUT]
        return {"validation_log_prob": float(self.flow.log_prob(self.flow.average, source.validation[:HELD_OUT], labels).mean())}


def rademacher(x: Tensor) -> Tensor:
    """Signs at random, like x."""
    return torch.randint(0, 2, x.shape, device=x.device).to(x.dtype) * 2 - 1
