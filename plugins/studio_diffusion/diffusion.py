"""What the diffusion models of this family share: an averaged network seen as a denoiser, one stage, the same samplers."""

from collections.abc import Mapping, Sequence
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from studio.api import Image
from studio.kit.ema import EMA
from studio.kit.generator import Generator
from studio.kit.insight import Insight, arrows
from studio.kit.sampler import Sampler
from studio.kit.solvers import Level, Solver
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .editing import ImageToImage, Inpaint
from .sampling import Sample

SHOWN = 0.5
"""The noise level whose vector field is shown, in deviations of the data."""


class Learning(Protocol):
    """The parameters that the stage needs."""

    learning_rate: float


class Diffusion(Generator):
    """Base of the family's methods: a method gives its grid of noise levels, its loss and its estimate of the clean sample.

    Attributes:
        network: what is trained.
        average: its averaged weights, which samples are made with.
        spread: deviation of the noise that sampling starts from.
        solver, steps: what samplers use unless told otherwise.
        most_steps: the largest number of evaluations that makes sense.
        guidance: the usual strength of guidance.
    """

    network: nn.Module
    average: EMA
    sigma_min: float
    sigma_max: float
    spread: float = 1.0
    solver: Solver = "ddim"
    steps: int = 50
    most_steps: int = 1000
    guidance: float = 1.5

    def level(self, k: Tensor, intervals: Tensor, strength: Tensor | float = 1.0) -> Level:
        """Level `k` of a grid of so many intervals: 0 is the noisiest, `intervals` the clean sample.

        With a `strength` below 1 the grid covers that last part of the way from noise to data only.
        """
        raise NotImplementedError

    def at(self, sigma: Tensor) -> Level:
        """The level whose sigma / alpha is `sigma` (n, 1, ...)."""
        raise NotImplementedError

    def clean(self, x: Tensor, level: Level, condition: Tensor | None) -> Tensor:
        """The estimate of the clean sample, like x (n, ...), by one evaluation of the averaged network.

        Args:
            condition: classes (n,), or what a method has in their place, such as the words of a prompt.
        """
        raise NotImplementedError

    def loss(self, batch: Batch) -> Tensor:
        """The training loss of the network on samples (n, ...), each at one random noise level: a scalar."""
        raise NotImplementedError

    @property
    def guided(self) -> bool:
        """Whether samples can be guided towards something."""
        return bool(self.classes)

    @property
    def bounded(self) -> bool:
        """Whether samples lie in [-1, 1]."""
        return isinstance(self.space, Image)

    def denoise(self, x: Tensor, sigma: Tensor, labels: Tensor | None = None) -> Tensor:
        """The clean samples, like x (n, ...), of clean + sigma * noise; see `studio.kit.denoiser.Denoiser`."""
        level = self.at(sigma.reshape(-1, *(1,) * (x.dim() - 1)))
        return self.clean(level.alpha * x, level, labels)

    def stages(self) -> Sequence[Stage]:
        return (Denoising(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Sample(self), "inpaint": Inpaint(self), "image_to_image": ImageToImage(self)}

    def insights(self) -> Mapping[str, Insight]:
        device = next(self.average.parameters()).device

        def towards_data(x: Tensor) -> Tensor:
            sigma = torch.full((len(x),), SHOWN, device=device)
            return (self.denoise(x, sigma) - x) / SHOWN

        return {"vector_field": arrows(towards_data, device)}


class Denoising(Stage):
    """Learning to undo noise of every level; a short warm-up, and a rate that falls in the second half."""

    def __init__(self, model: Diffusion) -> None:
        self.model = model
        self.params = cast(Learning, model.params)

    def setup(self, training: Training) -> State:
        weights = self.model.network.parameters()
        return State(optimizer=torch.optim.AdamW(weights, lr=self.params.learning_rate, weight_decay=0.0))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        loss = self.model.loss(batch)
        warm = min(1.0, (training.stage_step + 1) / 100)
        decay = 1.0 - 0.9 * max(0.0, training.fraction - 0.5) * 2
        training.update(loss, state.optimizer, clip=1.0, lr=self.params.learning_rate * warm * decay)
        self.model.average.update(self.model.network)
        return {"loss": loss.detach()}
