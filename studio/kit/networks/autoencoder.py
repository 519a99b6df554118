"""Convolutional encoders and decoders between a picture and a vector."""

from collections.abc import Sequence
from itertools import pairwise

from torch import Tensor, nn

from studio.kit.networks.unet import groups


class ConvEncoder(nn.Module):
    """A picture, halved at each width, to a vector: (n, c, h, w) -> (n, outputs)."""

    def __init__(self, channels: int, height: int, width: int, widths: Sequence[int], outputs: int) -> None:
        super().__init__()
        sizes = [channels, *widths]
        layers: list[nn.Module] = []
        for before, after in pairwise(sizes):
            layers += [nn.Conv2d(before, after, 4, stride=2, padding=1), nn.GroupNorm(groups(after), after), nn.SiLU()]
        self.convolutions = nn.Sequential(*layers)
        down = 2 ** len(widths)
        self.last = nn.Linear(widths[-1] * (height // down) * (width // down), outputs)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.convolutions(x).flatten(1))


class ConvDecoder(nn.Module):
    """A vector to a picture, doubled at each width: (n, inputs) -> (n, c, h, w), not bounded."""

    def __init__(self, inputs: int, channels: int, height: int, width: int, widths: Sequence[int]) -> None:
        super().__init__()
        down = 2 ** len(widths)
        self.seed = (widths[-1], height // down, width // down)
        self.first = nn.Linear(inputs, self.seed[0] * self.seed[1] * self.seed[2])
        sizes = [*reversed(widths), widths[0]]
        layers: list[nn.Module] = []
        for before, after in pairwise(sizes):
            layers += [
                nn.GroupNorm(groups(before), before),
                nn.SiLU(),
                nn.Upsample(scale_factor=2.0),
                nn.Conv2d(before, after, 3, padding=1),
            ]
        self.convolutions = nn.Sequential(*layers, nn.GroupNorm(groups(widths[0]), widths[0]), nn.SiLU())
        self.last = nn.Conv2d(widths[0], channels, 3, padding=1)

    def forward(self, z: Tensor) -> Tensor:
        return self.last(self.convolutions(self.first(z).unflatten(1, self.seed)))
