"""BigGAN's networks: residual blocks whose batch norm knows the class and a part of the latent."""

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image

from .networks import Projection, pyramid

CLASS_WIDTH = 64


class ConditionalNorm(nn.Module):
    """Batch norm whose gain and bias come from a condition: (n, c, h, w), (n, condition) -> the same.

    Source: de Vries et al., Modulating early visual processing by language, 2017, https://arxiv.org/abs/1707.00683
    """

    def __init__(self, channels: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.gain = nn.Linear(condition, channels, bias=False)
        self.bias = nn.Linear(condition, channels, bias=False)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        return self.norm(x) * (1 + self.gain(condition))[:, :, None, None] + self.bias(condition)[:, :, None, None]


class SelfAttention(nn.Module):
    """Every pixel looks at every second one in each direction; nothing is added at first.

    Source: Zhang et al., Self-Attention Generative Adversarial Networks, 2018, https://arxiv.org/abs/1805.08318
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        narrow = max(1, channels // 8)
        self.query, self.key = nn.Conv2d(channels, narrow, 1, bias=False), nn.Conv2d(channels, narrow, 1, bias=False)
        self.value, self.out = (
            nn.Conv2d(channels, channels // 2, 1, bias=False), nn.Conv2d(channels // 2, channels, 1, bias=False),
        )  # fmt: skip
        self.strength = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        query, key = self.query(x).flatten(2), F.max_pool2d(self.key(x), 2).flatten(2)
        weights = (query.transpose(1, 2) @ key).softmax(2)
        mixed = F.max_pool2d(self.value(x), 2).flatten(2) @ weights.transpose(1, 2)
        return x + self.strength * self.out(mixed.unflatten(2, x.shape[2:]))


class Growing(nn.Module):
    """A residual block that doubles the resolution."""

    def __init__(self, channels: int, out: int, condition: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = ConditionalNorm(channels, condition), nn.Conv2d(channels, out, 3, padding=1)
        self.norm2, self.conv2 = ConditionalNorm(out, condition), nn.Conv2d(out, out, 3, padding=1)
        self.skip = nn.Conv2d(channels, out, 1)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        h = self.conv1(_double(F.relu(self.norm1(x, condition))))
        return self.conv2(F.relu(self.norm2(h, condition))) + _double(self.skip(x))


class Shrinking(nn.Module):
    """A residual block that halves the resolution."""

    def __init__(self, channels: int, out: int, *, first: bool) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(channels, out, 3, padding=1), nn.Conv2d(out, out, 3, padding=1)
        self.skip = nn.Conv2d(channels, out, 1)
        self.first = first

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu(self.conv1(x if self.first else F.relu(x)))
        return F.avg_pool2d(self.conv2(h), 2) + self.skip(F.avg_pool2d(x, 2))


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")


class BigGenerator(nn.Module):
    """A latent cut in parts, one for the first layer and one for each block (skip-z), beside a shared class embedding.

    (n, latent), labels (n,) or None -> (n, c, h, w) in [-1, 1].
    """

    def __init__(self, space: Image, latent: int, width: int, classes: int) -> None:
        super().__init__()
        levels = pyramid(space, width)[::-1]
        self.part = latent // len(levels)
        self.rest = latent - self.part * (len(levels) - 1)
        self.label = nn.Embedding(classes, CLASS_WIDTH) if classes else None
        condition = self.part + (CLASS_WIDTH if classes else 0)
        self.seed = levels[0]
        self.first = nn.Linear(self.rest, levels[0].channels * levels[0].height * levels[0].width)
        self.blocks = nn.ModuleList(Growing(a.channels, b.channels, condition) for a, b in pairwise(levels))
        self.attention = SelfAttention(levels[1].channels) if len(levels) > 1 else nn.Identity()
        self.norm = nn.BatchNorm2d(width)
        self.last = nn.Conv2d(width, space.channels, 3, padding=1)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        first, *parts = z.split([self.rest, *(self.part for _ in self.blocks)], dim=1)
        x = self.first(first).unflatten(1, tuple(self.seed))
        shared = [] if self.label is None else [self.label(labels)]
        for k, (block, part) in enumerate(zip(self.blocks, parts, strict=True)):
            x = block(x, torch.cat([part, *shared], dim=1))
            x = self.attention(x) if k == 0 else x
        return self.last(F.relu(self.norm(x))).tanh()


class BigCritic(nn.Module):
    """Residual blocks, summed over pixels, and the projection on the class: (n, c, h, w), labels -> (n, 1)."""

    def __init__(self, space: Image, width: int, classes: int) -> None:
        super().__init__()
        channels = [space.channels, *(level.channels for level in pyramid(space, width)[1:] or pyramid(space, width))]
        self.blocks = nn.ModuleList(Shrinking(a, b, first=k == 0) for k, (a, b) in enumerate(pairwise(channels)))
        self.attention = SelfAttention(channels[1])
        self.score = Projection(channels[-1], classes)

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        for k, block in enumerate(self.blocks):
            x = self.attention(block(x)) if k == 0 else block(x)
        return self.score(F.relu(x).sum((2, 3)), labels)
