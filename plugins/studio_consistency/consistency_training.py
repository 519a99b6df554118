"""Consistency training: two noise levels of the same path must lead to the same end, without a teacher's path."""

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor

from studio.kit.preconditioning import SIGMA_MIN
from studio.kit.schedules import broadcast
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.consistency_training import ConsistencyTrainingParams
from .consistency_model import ConsistencyModel, pseudo_huber, with_any
from .imitation import Imitation, lognormal
from .levels import karras

FEWEST = 10


class ConsistencyTraining(ConsistencyModel):
    """Easy consistency tuning or improved consistency training, from a teacher's weights where there is a teacher.

    Source: Geng et al., Consistency Models Made Easy, 2024, https://arxiv.org/abs/2406.14548; Song and Dhariwal, Improved
    Techniques for Training Consistency Models, 2023, https://arxiv.org/abs/2310.14189
    """

    def stages(self) -> Sequence[Stage]:
        begin = self.teacher is not None and not self.inherits and cast(ConsistencyTrainingParams, self.params).imitation > 0
        return (Imitation(self), Tuning(self)) if begin else (Tuning(self),)


class Tuning(Stage):
    """The estimate at a noise level follows the one at a lower level with the same noise; the levels draw together."""

    name = "tune"

    def __init__(self, model: ConsistencyTraining) -> None:
        self.model = model
        self.params = cast(ConsistencyTrainingParams, model.params)

    def setup(self, training: Training) -> State:
        return State(optimizer=torch.optim.RAdam(self.model.function.parameters(), lr=self.params.learning_rate))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        upper, lower = self.levels(len(batch.x), training)
        labels, noise = with_any(batch, self.model.classes), torch.randn_like(batch.x)
        high, low = (batch.x + broadcast(sigma, batch.x) * noise for sigma in (upper, lower))
        with torch.no_grad():
            target = self.model.function(low, lower, labels)
        distance = pseudo_huber(self.model.function(high, upper, labels) - target, self.params.huber)
        loss = (distance / (upper - lower)).mean()
        decay = 1 - 0.9 * max(0.0, 2 * training.fraction - 1)
        training.update(loss, state.optimizer, clip=1.0, lr=self.params.learning_rate * decay)
        self.model.average.update(self.model.function)
        return {"loss": loss.detach(), "distance": distance.detach().mean()}

    def levels(self, n: int, training: Training) -> tuple[Tensor, Tensor]:
        """Upper and lower noise levels (n,) each, as near together as the training is far."""
        draw = improved if self.params.schedule == "improved" else easy
        begun = 1 if self.model.teacher is not None else 0
        doublings = begun + int(training.fraction * (self.params.doublings + 1 - begun))
        return draw(n, doublings, training.device, self.model.sigma_max)


def easy(n: int, doublings: int, device: torch.device, sigma_max: float) -> tuple[Tensor, Tensor]:
    """Upper levels t and lower ones r = t (1 - n(t) / 2^doublings), not below 0, where n(t) = 1 + 8 / (1 + e^t).

    With no doublings r is 0: ordinary denoising. Source: Geng et al., 2024, section 3.2, https://arxiv.org/abs/2406.14548
    """
    t = lognormal(n, device).clamp(SIGMA_MIN, sigma_max)
    ratio = 1 - (1 + 8 * torch.sigmoid(-t)) / 2**doublings
    return t, t * ratio.clamp(min=0)


def improved(n: int, doublings: int, device: torch.device, sigma_max: float) -> tuple[Tensor, Tensor]:
    """Neighbours among 10 * 2^doublings + 1 levels, drawn so that their logarithms are about normal.

    Source: Song and Dhariwal, 2023, sections 3.4 and 3.5, https://arxiv.org/abs/2310.14189
    """
    sigma = karras(FEWEST * 2**doublings + 1, sigma_max, device)
    bounds = torch.erf((sigma.log() + 1.1) / (2.0 * 2**0.5))
    picked = torch.multinomial(bounds[:-1] - bounds[1:], n, replacement=True)
    return sigma[picked], sigma[picked + 1]
