"""Residual multi-layer perceptrons for points and table rows."""

import torch
from torch import Tensor, nn

from studio.kit.networks.embedding import ClassEmbedding, TimeEmbedding

WAVES = (1.0, 2.0, 4.0)


class ResidualMLP(nn.Module):
    """(n, inputs) -> (n, outputs) through `depth` residual blocks of `width`, optionally shifted by an embedding (n, width).

    Args:
        waves: frequencies at which sines and cosines of the inputs are added, so that fine structure is learned sooner.

    Source of the waves: Tancik et al., Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional
    Domains, 2020, https://arxiv.org/abs/2006.10739
    """

    def __init__(self, inputs: int, outputs: int, width: int = 128, depth: int = 3, waves: tuple[float, ...] = ()) -> None:
        super().__init__()
        self.waves = waves
        self.first = nn.Linear(inputs * (1 + 2 * len(waves)), width)
        self.blocks = nn.ModuleList(_Block(width) for _ in range(depth))
        self.last = nn.Linear(width, outputs)

    def forward(self, x: Tensor, embedding: Tensor | float = 0.0) -> Tensor:
        waves = [wave(frequency * x) for frequency in self.waves for wave in (torch.sin, torch.cos)]
        h = self.first(torch.cat([x, *waves], dim=1))
        for block in self.blocks:
            h = h + block(h + embedding)
        return self.last(h)


class _Block(nn.Sequential):
    def __init__(self, width: int) -> None:
        super().__init__(nn.SiLU(), nn.Linear(width, width), nn.SiLU(), nn.Linear(width, width))


class PointDenoiser(nn.Module):
    """(n, dimensions) at time (n,) in 0..1000, class (n,) or None -> (n, dimensions); `style` (n, embedding) is added too."""

    def __init__(self, dimensions: int, width: int, depth: int, classes: int, waves: tuple[float, ...] = WAVES) -> None:
        super().__init__()
        self.embedding = width
        self.time = TimeEmbedding(width)
        self.label = ClassEmbedding(classes, width)
        self.network = ResidualMLP(dimensions, dimensions, width, depth, waves)

    def forward(self, x: Tensor, time: Tensor, labels: Tensor | None = None, style: Tensor | float = 0.0) -> Tensor:
        return self.network(x, self.time(time) + self.label(labels, x.shape[0]) + style)
