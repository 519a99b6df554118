"""R3GAN's networks for pictures: grouped bottlenecks without normalisation, bilinear resampling, learned bases."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image

from .networks import Level, Projection, pyramid

SLOPE = 0.2
GROUP = 16
CLASS_WIDTH = 32


class Bottleneck(nn.Module):
    """Widen, mix neighbours in groups of channels, narrow, add: (n, c, h, w) -> the same; the identity at first.

    Source: Huang et al., 2025, https://arxiv.org/abs/2501.05441; Xie et al., ResNeXt, 2016, https://arxiv.org/abs/1611.05431;
    initialised as in Zhang et al., Fixup, 2019, https://arxiv.org/abs/1901.09321
    """

    def __init__(self, channels: int, blocks: int) -> None:
        super().__init__()
        inner = 2 * channels
        self.widen = nn.Conv2d(channels, inner, 1)
        self.mix = nn.Conv2d(inner, inner, 3, padding=1, groups=_groups(inner))
        self.narrow = nn.Conv2d(inner, channels, 1, bias=False)
        for layer in (self.widen, self.mix):
            _initialise(layer, blocks**-0.25)
        nn.init.zeros_(self.narrow.weight)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.narrow(F.leaky_relu(self.mix(F.leaky_relu(self.widen(x), SLOPE)), SLOPE))


class Resample(nn.Module):
    """To another resolution, bilinearly, and to other channels."""

    def __init__(self, before: Level, after: Level) -> None:
        super().__init__()
        self.grows = after.height > before.height
        self.channels = nn.Conv2d(before.channels, after.channels, 1, bias=False)
        _initialise(self.channels, 1.0, slope=1.0)

    def forward(self, x: Tensor) -> Tensor:
        if self.grows:
            return F.interpolate(self.channels(x), scale_factor=2.0, mode="bilinear")
        return self.channels(F.avg_pool2d(x, 2))


def _groups(channels: int) -> int:
    return next(count for count in range(max(1, channels // GROUP), 0, -1) if channels % count == 0)


def _initialise(layer: nn.Conv2d, gain: float, slope: float = SLOPE) -> None:
    nn.init.kaiming_normal_(layer.weight, a=slope)
    with torch.no_grad():
        layer.weight.mul_(gain)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


def _body(levels: list[Level], depth: int) -> nn.Sequential:
    count = depth * len(levels)
    layers: list[nn.Module] = [Bottleneck(levels[0].channels, count) for _ in range(depth)]
    for before, after in pairwise(levels):
        layers += [Resample(before, after), *(Bottleneck(after.channels, count) for _ in range(depth))]
    return nn.Sequential(*layers)


class ResNeXtGenerator(nn.Module):
    """Weights of a learned basis of smallest pictures, then residual blocks at growing sizes: (n, latent) -> (n, c, h, w)."""

    def __init__(self, space: Image, latent: int, width: int, depth: int, classes: int) -> None:
        super().__init__()
        levels = pyramid(space, width)[::-1]
        self.label = nn.Embedding(classes, CLASS_WIDTH) if classes else None
        self.basis = nn.Parameter(torch.randn(levels[0]))
        self.weights = nn.Linear(latent + (CLASS_WIDTH if classes else 0), levels[0].channels)
        self.body = _body(levels, depth)
        self.last = nn.Conv2d(levels[-1].channels, space.channels, 1)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        if self.label is not None:
            z = torch.cat([z, self.label(labels)], dim=1)
        return self.last(self.body(self.weights(z)[:, :, None, None] * self.basis))


class ResNeXtCritic(nn.Module):
    """The generator mirrored: (n, c, h, w), labels (n,) or None -> (n, 1)."""

    def __init__(self, space: Image, width: int, depth: int, classes: int) -> None:
        super().__init__()
        levels = pyramid(space, width)
        channels, *size = levels[-1]
        self.first = nn.Conv2d(space.channels, width, 1)
        self.body = _body(levels, depth)
        self.basis = nn.Conv2d(channels, channels, (size[0], size[1]), groups=channels, bias=False)
        self.score = Projection(channels, classes)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.score(self.basis(self.body(self.first(x))).flatten(1), labels)
