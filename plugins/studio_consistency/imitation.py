"""A beginning for a student whose network differs from its teacher's: it learns to denoise as the teacher does."""

from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor

from studio.kit.schedules import broadcast
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.networks import NetworkParams
from .consistency_model import ConsistencyModel, pseudo_huber, with_any


class Imitation(Stage):
    """The student's estimate at a random noise level follows the teacher's."""

    name = "imitate"

    def __init__(self, model: ConsistencyModel) -> None:
        self.model = model
        self.params = cast(NetworkParams, model.params)
        self.share = self.params.imitation / (1 - self.params.imitation)

    def setup(self, training: Training) -> State:
        return State(optimizer=torch.optim.RAdam(self.model.function.parameters(), lr=self.params.learning_rate))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        assert self.model.teacher is not None
        sigma = lognormal(len(batch.x), batch.x.device)
        labels = with_any(batch, self.model.classes)
        x = batch.x + broadcast(sigma, batch.x) * torch.randn_like(batch.x)
        with torch.no_grad():
            target = self.model.teacher.denoise(x, sigma, labels)
        loss = (pseudo_huber(self.model.function(x, sigma, labels) - target, self.params.huber) / sigma).mean()
        training.update(loss, state.optimizer, clip=1.0, lr=2 * self.params.learning_rate)
        self.model.average.update(self.model.function)
        return {"loss": loss.detach()}


def lognormal(n: int, device: torch.device, mean: float = -1.1, deviation: float = 2.0) -> Tensor:
    """Noise levels (n,), most of them where pictures take shape.

    Source: Song and Dhariwal, 2023, table 1, https://arxiv.org/abs/2310.14189
    """
    return (mean + deviation * torch.randn(n, device=device)).exp()
