"""What the family shares: a network that gives the velocity of samples between noise and data, and what can be done with it."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from studio.api import Points, Signature, Table
from studio.kit.ema import EMA
from studio.kit.generator import Generator, Score
from studio.kit.insight import Insight, arrows
from studio.kit.likelihood import LogProb
from studio.kit.networks.embedding import keep_classes
from studio.kit.networks.spaces import denoiser
from studio.kit.sampler import Sampler

from .cards.network import FieldParams, PictureFieldParams
from .solving import Encode, Solve


class VectorField(Generator):
    """A velocity dx/dt that carries noise at t = 0 to data at t = 1: `network` is trained, its `average` moves samples."""

    def __init__(self, signature: Signature, params: FieldParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        patch = params.patch if isinstance(params, PictureFieldParams) else 1
        self.network = keep_classes(denoiser(signature.space, params.width, params.depth, self.classes, patch))
        self.average = EMA(self.network, params.ema)

    def source(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """What the paths begin with, like the samples x (n, ...): standard normal noise."""
        return torch.randn(x.shape, generator=generator, device=x.device)

    def forward(self, x: Tensor, time: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.velocity(x, time, labels)

    def velocity(self, x: Tensor, time: Tensor, labels: Tensor | None = None) -> Tensor:
        """dx/dt at x (n, ...) and the time (scalar or (n,)) for classes (n,), by the averaged network."""
        return self.average(x, clock(time, x), labels)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Solve(self), "encode": Encode(self)}

    def scores(self) -> Mapping[str, Score]:
        if not isinstance(self.space, Points | Table):
            return {}
        return {"log_prob": LogProb(self.space, self, self.label_ports())}

    def insights(self) -> Mapping[str, Insight]:
        device = next(self.parameters()).device
        half = torch.tensor(0.5, device=device)
        return {"velocity at t = 0.5": arrows(lambda x: self.velocity(x, half), device)}


def clock(time: Tensor, x: Tensor) -> Tensor:
    """A time between 0 and 1, one or one for each sample, as the network's 0..1000: (n,)"""
    return (1000 * time).expand(x.shape[0])
