"""The loss of flow matching: a random point of a path between a source and a sample, and the velocity that the path has there."""

from collections.abc import Mapping
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.kit.schedules import broadcast
from studio.kit.source import Batch, Source
from studio.kit.stage import Batches, Stage, State
from studio.kit.training import Training

from .pairs import Pair
from .vector_field import VectorField, clock

HELD_OUT = 512
FORGOTTEN = 0.1


def keyed(seed: int, step: int, device: torch.device) -> torch.Generator:
    """Random numbers that depend on the seed and the step alone, so that a resumed run draws the same."""
    key = np.random.SeedSequence([seed, step]).generate_state(1, np.uint32)
    return torch.Generator(device).manual_seed(int(key[0]))


class Matching(Stage):
    """Draws sources independently of the samples and learns the velocity of straight paths between them.

    Source: Lipman et al., Flow Matching for Generative Modeling, 2022, https://arxiv.org/abs/2210.02747
    """

    name = "flow"

    def __init__(self, flow: VectorField, learning_rate: float) -> None:
        self.flow = flow
        self.learning_rate = learning_rate

    def data(self, source: Source) -> Batches:
        """Batches of the data, each sample with a source of its own; of some the class is not told."""
        batches = source.batches()

        def pair(step: int) -> Pair:
            batch, generator = batches(step), keyed(source.seed, step, source.device)
            start = self.flow.source(batch.x, generator)
            return Pair(batch.x, forget(batch.labels, self.flow.classes, generator), start=start)

        return pair

    def setup(self, training: Training) -> State:
        return State(optimizer=adam(self.flow.network, self.learning_rate))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        loss = self.loss(self.flow.network, cast(Pair, batch), torch.rand(len(batch.x), device=batch.x.device))
        training.update(loss, state.optimizer, clip=1.0, lr=self.rate(training))
        self.flow.average.update(self.flow.network)
        return {"loss": loss.detach()}

    def rate(self, training: Training) -> float:
        """The learning rate of a step."""
        return self.learning_rate * pace(training)

    def loss(self, network: nn.Module, pair: Pair, time: Tensor) -> Tensor:
        """Mean squared error of the velocity at one time (n,) for each pair."""
        x, velocity = self.path(pair.start, pair.x, broadcast(time, pair.x))
        return F.mse_loss(network(x, clock(time, x), pair.labels), velocity)

    def path(self, start: Tensor, end: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        """The point at `time` of the way from start to end, and its velocity, all (n, ...)."""
        return (1 - time) * start + time * end, end - start

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        x = source.validation[:HELD_OUT]
        labels = None if source.validation_labels is None else source.validation_labels[:HELD_OUT]
        pair = Pair(x, labels, start=self.flow.source(x, keyed(0, 0, x.device)))
        return {"validation_loss": float(self.loss(self.flow.average, pair, torch.linspace(0, 1, len(x), device=x.device)))}


def forget(labels: Tensor | None, classes: int, generator: torch.Generator) -> Tensor | None:
    """Classes (n,) of which some are replaced by "any", which makes guidance possible."""
    if labels is None:
        return None
    return torch.where(torch.rand(labels.shape, generator=generator, device=labels.device) < FORGOTTEN, classes, labels)


def adam(network: nn.Module, learning_rate: float) -> torch.optim.Optimizer:
    """The optimiser of every stage of the family."""
    return torch.optim.AdamW(network.parameters(), lr=learning_rate, weight_decay=0.0)


def pace(training: Training) -> float:
    """The learning rate's factor: warm within 100 steps, and falling to a tenth over the second half of the stage."""
    warm = min(1.0, (training.stage_step + 1) / 100)
    return warm * (1.0 - 0.9 * max(0.0, training.fraction - 0.5) * 2)
