"""Discriminators and generators that several methods use, and the sizes at which picture networks work."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from studio.api import Image, Space, Table
from studio.kit.networks.mlp import WAVES, ResidualMLP
from studio.kit.networks.spaces import CLASS_WIDTH, Decoder

TEMPERATURE = 0.2
SMALLEST = 4


class Level(NamedTuple):
    """One resolution of a network for pictures."""

    channels: int
    height: int
    width: int


def pyramid(space: Image, width: int, most: int = 4) -> list[Level]:
    """The resolutions from the picture's own to its smallest of at least 4 pixels; channels double, up to `most` x `width`."""
    levels = [Level(width, space.height, space.width)]
    while min(levels[-1][1:]) >= 2 * SMALLEST and not (levels[-1].height % 2 or levels[-1].width % 2):
        last = levels[-1]
        levels.append(Level(min(2 * last.channels, most * width), last.height // 2, last.width // 2))
    return levels


class Columns(nn.Module):
    """Makes a generator's numbers into a row: a softmax, sharpened, over the categories of each categorical column.

    Source: Xu et al., Modeling Tabular Data using Conditional GAN, 2019, https://arxiv.org/abs/1907.00503
    """

    def __init__(self, space: Space) -> None:
        super().__init__()
        columns = space.columns if isinstance(space, Table) else ()
        self.sizes = [max(1, len(column.categories)) for column in columns]
        self.categorical = [bool(column.categories) for column in columns]

    def forward(self, x: Tensor) -> Tensor:
        if not any(self.categorical):
            return x
        parts = zip(x.split(self.sizes, dim=1), self.categorical, strict=True)
        return torch.cat([(part / TEMPERATURE).softmax(1) if chosen else part for part, chosen in parts], dim=1)


class SampleDecoder(Decoder):
    """A latent to a point, a table row or a picture: (n, latent), labels (n,) or None -> like the space.

    Waves of the latent let points jump from one mode to the next within a short way.
    """

    def __init__(self, space: Space, latent: int, width: int, depth: int, classes: int, waves: tuple[float, ...] = WAVES) -> None:
        super().__init__(space, latent, width, depth, classes)
        if not isinstance(space, Image):
            inputs = latent + (CLASS_WIDTH if classes else 0)
            self.network = ResidualMLP(inputs, space.shape[0], width, depth, waves)
        self.columns = Columns(space)

    def forward(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.columns(super().forward(z, labels))


class Projection(nn.Module):
    """Features (n, width) to scores (n, 1), with the agreement of features and class added where there are classes.

    Source: Miyato and Koyama, cGANs with Projection Discriminator, 2018, https://arxiv.org/abs/1802.05637
    """

    def __init__(self, width: int, classes: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, 1)
        self.label = nn.Embedding(classes, width) if classes else None

    def forward(self, features: Tensor, labels: Tensor | None = None) -> Tensor:
        scores = self.score(features)
        if self.label is None:
            return scores
        wanted = self.label.weight.mean(0) if labels is None else self.label(labels)
        return scores + (wanted * features).sum(1, keepdim=True) / features.shape[1] ** 0.5
