"""CNF: a continuous normalizing flow trained by maximum likelihood through its solver."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from studio.api import Points, Signature, Table
from studio.kit.generator import Score, require
from studio.kit.likelihood import LogProb, at_rest, log_prob_of, with_estimated_divergence, with_exact_divergence
from studio.kit.ode import Velocity, backwards, solve
from studio.kit.source import Batch, Source
from studio.kit.stage import Batches, Stage, State
from studio.kit.training import Training

from .cards.cnf import CNFParams
from .matching import HELD_OUT, adam, forget, keyed, pace
from .vector_field import VectorField, clock


class CNF(VectorField):
    """A continuous normalizing flow on points and table rows.

    Source: Chen et al., Neural Ordinary Differential Equations, 2018, https://arxiv.org/abs/1806.07366; Grathwohl et al.,
    FFJORD, 2018, https://arxiv.org/abs/1810.01367; of the kinetic energy: Finlay et al., How to Train Your Neural ODE, 2020,
    https://arxiv.org/abs/2002.02798
    """

    def __init__(self, signature: Signature, params: CNFParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        require(signature.space, Points, Table)
        super().__init__(signature, params, inputs)

    def stages(self) -> Sequence[Stage]:
        return (MaximumLikelihood(self),)

    def scores(self) -> Mapping[str, Score]:
        evaluations = 2 * cast(CNFParams, self.params).evaluations
        return {"log_prob": LogProb(self.space, self, self.label_ports(), evaluations)}

    def log_prob(
        self, network: nn.Module, x: Tensor, labels: Tensor | None, noise: Tensor | None = None, haste: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Of samples x (n, d) the log-density in nats, an estimate with `noise` (n, d), else exact; and the kinetic energy of
        their way to noise: (n,) both. `haste`, a scalar between -1 and 1, moves the times that the solver looks at."""

        def field(x: Tensor, time: Tensor, labels: Tensor | None) -> Tensor:
            return network(x, clock(time, x), labels)

        velocity = (
            with_exact_divergence(field, labels) if noise is None else with_estimated_divergence(field, labels, noise)
        )  # fmt: skip
        state = torch.cat([at_rest(x), torch.zeros_like(x[:, :1])], dim=1)
        way = with_kinetic_energy(backwards(velocity))
        state = solve(way if haste is None else hastened(way, haste), state, cast(CNFParams, self.params).evaluations)
        return log_prob_of(state[:, :-1]), state[:, -1]


def with_kinetic_energy(velocity: Velocity) -> Velocity:
    """The velocity of samples and log-volumes (n, d + 1), and beside it half the squared speed: (n, d + 2) -> the same."""

    def faster(state: Tensor, time: Tensor) -> Tensor:
        change = velocity(state[:, :-1], time)
        return torch.cat([change, 0.5 * change[:, :-1].square().sum(1, keepdim=True)], dim=1)

    return faster


def hastened(velocity: Velocity, haste: Tensor) -> Velocity:
    """The same paths at another pace: faster at first and slower at last by the factors 1 ± haste.

    A network that is trained at the same few times learns a field that is right at these times only; so they change at every
    step. The idea of random times: Ghosh et al., STEER: Simple Temporal Regularization for Neural ODEs, 2020,
    https://arxiv.org/abs/2006.10711
    """

    def other(state: Tensor, time: Tensor) -> Tensor:
        pace = 1 + haste * torch.cos(torch.pi * time)
        return pace * velocity(state, time + haste * torch.sin(torch.pi * time) / torch.pi)

    return other


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
        haste = 0.8 * (2 * torch.rand((), device=batch.x.device) - 1)
        log_probs, energy = self.flow.log_prob(self.flow.network, batch.x, batch.labels, noise, haste)
        log_prob = log_probs.mean()
        loss = (self.params.kinetic * energy.mean() - log_prob) / math.prod(self.flow.space.shape)
        training.update(loss, state.optimizer, clip=1.0, lr=self.params.learning_rate * pace(training))
        self.flow.average.update(self.flow.network)
        return {"loss": loss.detach(), "log_prob": log_prob.detach()}

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        labels = None if source.validation_labels is None else source.validation_labels[:HELD_OUT]
        log_prob, _ = self.flow.log_prob(self.flow.average, source.validation[:HELD_OUT], labels)
        return {"validation_log_prob": float(log_prob.mean())}


def rademacher(x: Tensor) -> Tensor:
    """Signs at random, like x."""
    return torch.randint(0, 2, x.shape, device=x.device).to(x.dtype) * 2 - 1
