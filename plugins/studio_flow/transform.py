"""Invertible maps with a known change of volume: the pieces that every normalizing flow is a chain of."""

import math
from typing import cast

import torch
from torch import Tensor, nn


class Transform(nn.Module):
    """A bijection from data to noise; `context` (n, width) tells the class, None where there are no classes."""

    def forward(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """The image of x (n, ...) and the logarithm of the volume's change in nats, (n,) or one number for all."""
        raise NotImplementedError

    def inverse(self, z: Tensor, context: Tensor | None) -> Tensor:
        """From noise to data."""
        raise NotImplementedError

    def initialise(self, x: Tensor, context: Tensor | None) -> None:
        """Set what is set from a first batch."""


class Chain(Transform):
    """One after the other."""

    def __init__(self, *transforms: Transform) -> None:
        super().__init__()
        self.transforms = nn.ModuleList(transforms)

    def forward(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        volume = x.new_zeros(())
        for transform in self.transforms:
            x, change = transform(x, context)
            volume = volume + change
        return x, volume

    def inverse(self, z: Tensor, context: Tensor | None) -> Tensor:
        for transform in reversed(self.transforms):
            z = cast(Transform, transform).inverse(z, context)
        return z

    def initialise(self, x: Tensor, context: Tensor | None) -> None:
        for transform in self.transforms:
            cast(Transform, transform).initialise(x, context)
            x, _ = transform(x, context)


class ActNorm(Transform):
    """A scale and a shift for each channel; the first batch comes out with mean 0 and variance 1.

    Args:
        shape: of a sample, channels first.

    Source: Kingma and Dhariwal, Glow, 2018, https://arxiv.org/abs/1807.03039
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.places = math.prod(shape[1:])
        self.shift = nn.Parameter(torch.zeros(shape[0], *(1 for _ in shape[1:])))
        self.log_scale = nn.Parameter(torch.zeros_like(self.shift))

    def forward(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        return (x + self.shift) * self.log_scale.exp(), self.places * self.log_scale.sum()

    def inverse(self, z: Tensor, context: Tensor | None) -> Tensor:
        return z * (-self.log_scale).exp() - self.shift

    @torch.no_grad()
    def initialise(self, x: Tensor, context: Tensor | None) -> None:
        channels = x.transpose(0, 1).flatten(1)
        deviation = channels.std(1, unbiased=False).clamp(min=1e-3)
        self.shift.copy_(-channels.mean(1).view_as(self.shift))
        self.log_scale.copy_(-deviation.log().view_as(self.log_scale))
