"""StyleGAN's discriminator: residual, and aware of how varied its batch is."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image

from .networks import Projection, pyramid
from .style_generator import GAIN, SLOPE, Equalised


class EqualisedConv(nn.Module):
    """A convolution with weights scaled when used, followed by a leaky rectifier: (n, c, h, w) -> (n, d, h, w)."""

    def __init__(self, channels: int, out: int, kernel: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out, channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out))
        self.gain = (channels * kernel**2) ** -0.5

    def forward(self, x: Tensor) -> Tensor:
        return F.leaky_relu(F.conv2d(x, self.weight * self.gain, self.bias, padding="same"), SLOPE) * GAIN


class StyleCritic(nn.Module):
    """Residual, with the deviation across the batch as one more channel at the end: (n, c, h, w), labels -> (n, 1)."""

    def __init__(self, space: Image, width: int, classes: int) -> None:
        super().__init__()
        levels = pyramid(space, width)
        channels, height, across = levels[-1]
        self.first = EqualisedConv(space.channels, width, 1)
        self.blocks = nn.ModuleList(Halving(a.channels, b.channels) for a, b in pairwise(levels))
        self.mix = EqualisedConv(channels + 1, channels, 3)
        self.features = Equalised(channels * height * across, channels)
        self.score = Projection(channels, classes)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        x = self.mix(with_deviation(x)).flatten(1)
        return self.score(F.leaky_relu(self.features(x), SLOPE) * GAIN, labels)


class Halving(nn.Module):
    """A residual block that halves the resolution."""

    def __init__(self, channels: int, out: int) -> None:
        super().__init__()
        self.first = EqualisedConv(channels, channels, 3)
        self.second = EqualisedConv(channels, out, 3)
        self.skip = nn.Conv2d(channels, out, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return (self.second(F.avg_pool2d(self.first(x), 2)) + self.skip(F.avg_pool2d(x, 2))) / GAIN


def with_deviation(x: Tensor, group: int = 4) -> Tensor:
    """One channel more, the mean deviation across groups of samples: (n, c, h, w) -> (n, c + 1, h, w).

    Source: Karras et al., Progressive Growing of GANs, 2017, https://arxiv.org/abs/1710.10196
    """
    group = next(size for size in range(min(group, len(x)), 0, -1) if len(x) % size == 0)
    deviation = (x.unflatten(0, (group, -1)).var(0, correction=0) + 1e-8).sqrt().mean((1, 2, 3))
    return torch.cat([x, deviation.repeat(group)[:, None, None, None].expand(-1, 1, *x.shape[2:])], dim=1)
