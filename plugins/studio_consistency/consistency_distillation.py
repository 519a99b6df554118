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
from .descent import adam, rate
from .imitation import Imitation
from .levels import karras
from .walk import walk

LEARNED = 3
"""How many points of a path the student learns from at once; they cost no further walk but are much alike."""


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
    """The estimate at a noise level follows the one after `reach` steps of the teacher: one as in the paper, or more.

    Source: more steps, Kim et al., Consistency Trajectory Models, 2023, https://arxiv.org/abs/2310.02279
    """

    name = "distill"

    def __init__(self, model: ConsistencyDistillation) -> None:
        assert model.teacher is not None
        self.model, self.teacher = model, model.teacher
        self.params = cast(ConsistencyDistillationParams, model.params)
        self.reach = min(self.params.reach, self.params.levels - 1)

    def setup(self, training: Training) -> State:
        target = EMA(self.model.function, self.params.target_ema).to(training.device)
        return State(optimizer=adam(self.model.function, self.params.learning_rate), target=target)

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        labels = with_any(batch, self.model.classes)
        levels = self.levels(len(batch.x), training.device)
        with torch.no_grad():
            points = self.path(batch.x, levels, labels)
            target = state.target(points[-1], levels[-1], labels)
        learned = [0, *(1 + torch.randperm(self.reach - 1)[: LEARNED - 1]).tolist()]
        x, sigma = (torch.cat([parts[k] for k in learned]) for parts in (points, levels))
        estimate = self.model.function(x, sigma, None if labels is None else labels.repeat(len(learned)))
        loss = pseudo_huber(estimate - torch.cat([target] * len(learned)), self.params.huber).mean()
        training.update(loss, state.optimizer, clip=1.0, lr=rate(self.params.learning_rate, training.fraction))
        self.model.average.update(self.model.function)
        state.target.update(self.model.function)
        return {"loss": loss.detach()}

    def levels(self, n: int, device: torch.device) -> list[Tensor]:
        """Levels (n,) of the `reach + 1` points of each of n paths, evenly among the grid's as far as paths fit into it."""
        sigma = karras(self.params.levels, self.model.sigma_max, device)
        first = (torch.randint(self.params.levels - 1, (n,), device=device) - self.reach + 1).clamp(min=0)
        return [sigma[first + k] for k in range(self.reach + 1)]

    def path(self, x: Tensor, levels: Sequence[Tensor], labels: Tensor | None) -> list[Tensor]:
        """Samples x (n, ...) noised to `levels[0]` (n,), and where the teacher leads from there at the other levels."""
        scale, classes = self.params.guidance_scale, self.model.classes
        noisy = x + broadcast(levels[0], x) * torch.randn_like(x)
        return walk(self.params.solver, lambda x, sigma: guided(self.teacher, x, sigma, labels, classes, scale), noisy, levels)


def guided(teacher: Denoiser, x: Tensor, sigma: Tensor, labels: Tensor | None, classes: int, scale: float) -> Tensor:
    """The teacher's clean samples, away from what any class gives by `scale`."""
    towards = teacher.denoise(x, sigma, labels)
    if labels is None or scale == 1:
        return towards
    away = teacher.denoise(x, sigma, torch.full_like(labels, classes))
    return away + scale * (towards - away)
