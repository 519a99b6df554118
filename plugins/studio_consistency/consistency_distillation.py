"""Consistency distillation: two neighbouring points of a teacher's path must lead to the same end."""

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from studio.api import Signature, StudioError
from studio.kit.denoiser import Denoiser
from studio.kit.ema import EMA
from studio.kit.schedules import broadcast
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.consistency_distillation import ConsistencyDistillationParams
from .consistency_model import ConsistencyModel, pseudo_huber, with_any
from .imitation import Imitation
from .levels import karras


class ConsistencyDistillation(ConsistencyModel):
    """A student that jumps along the paths of a teacher, any model that provides a denoiser.

    Source: Song et al., Consistency Models, 2023, algorithm 2, https://arxiv.org/abs/2303.01469
    """

    def __init__(
        self, signature: Signature, params: ConsistencyDistillationParams, inputs: Mapping[str, nn.Module] | None = None
    ) -> None:
        super().__init__(signature, params, inputs)
        if self.teacher is None:
            raise StudioError("Consistency distillation needs a teacher: train a diffusion model on these data first.")

    def stages(self) -> Sequence[Stage]:
        begin = not self.inherits and cast(ConsistencyDistillationParams, self.params).imitation > 0
        return (Imitation(self), Distillation(self)) if begin else (Distillation(self),)


class Distillation(Stage):
    """The estimate at a noise level follows the one after the teacher's step to the next lower level."""

    name = "distill"

    def __init__(self, model: ConsistencyDistillation) -> None:
        assert model.teacher is not None
        self.model, self.teacher = model, model.teacher
        self.params = cast(ConsistencyDistillationParams, model.params)

    def setup(self, training: Training) -> State:
        optimizer = torch.optim.RAdam(self.model.function.parameters(), lr=self.params.learning_rate)
        target = EMA(self.model.function, self.params.target_ema).to(training.device)
        return State(optimizer=optimizer, target=target)

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        sigma = karras(self.params.levels, self.model.sigma_max, training.device)
        k = torch.randint(self.params.levels - 1, (len(batch.x),), device=training.device)
        upper, lower = sigma[k], sigma[k + 1]
        labels = with_any(batch, self.model.classes)
        x = batch.x + broadcast(upper, batch.x) * torch.randn_like(batch.x)
        with torch.no_grad():
            target = state.target(self.walk(x, upper, lower, labels), lower, labels)
        loss = pseudo_huber(self.model.function(x, upper, labels) - target, self.params.huber).mean()
        decay = 1 - 0.9 * max(0.0, 2 * training.fraction - 1)
        training.update(loss, state.optimizer, clip=1.0, lr=self.params.learning_rate * decay)
        self.model.average.update(self.model.function)
        state.target.update(self.model.function)
        return {"loss": loss.detach()}

    def walk(self, x: Tensor, upper: Tensor, lower: Tensor, labels: Tensor | None) -> Tensor:
        """x (n, ...) at levels `upper` (n,), moved along the teacher's probability-flow path to `lower` (n,)."""
        guide = lambda x, sigma: guided(self.teacher, x, sigma, labels, self.model.classes, self.params.guidance_scale)  # noqa: E731
        slope = (x - guide(x, upper)) / broadcast(upper, x)
        distance = broadcast(lower - upper, x)
        end = x + distance * slope
        if self.params.solver == "euler":
            return end
        there = (end - guide(end, lower)) / broadcast(lower, x)
        return x + distance * (slope + there) / 2


def guided(teacher: Denoiser, x: Tensor, sigma: Tensor, labels: Tensor | None, classes: int, scale: float) -> Tensor:
    """The teacher's clean samples, away from what any class gives by `scale`."""
    towards = teacher.denoise(x, sigma, labels)
    if labels is None or scale == 1:
        return towards
    away = teacher.denoise(x, sigma, torch.full_like(labels, classes))
    return away + scale * (towards - away)
