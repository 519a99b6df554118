"""Coupling: one half of a sample is transformed by numbers that a network reads off the other half.

Source: Dinh et al., NICE, 2014, https://arxiv.org/abs/1410.8516
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import StudioError
from studio.kit.networks.mlp import WAVES

from .transform import Transform


class Elementwise(nn.Module):
    """A monotone function of each number x (...) given `count` parameters for it (..., count).

    Both directions give the result; forward also the logarithm of the slope, both (...).
    """

    count: int

    def forward(self, x: Tensor, parameters: Tensor) -> tuple[Tensor, Tensor]:
        raise NotImplementedError

    def inverse(self, y: Tensor, parameters: Tensor) -> Tensor:
        """What `forward` maps to y."""
        raise NotImplementedError


class Waves(nn.Module):
    """Numbers with sines and cosines of them, so that sharp edges are learned sooner: (n, d) -> (n, count * d).

    The k-th of `count` blocks of d columns is a function of the numbers in their order.

    Source: Tancik et al., Fourier Features Let Networks Learn High Frequency Functions in Low Dimensional Domains, 2020,
    https://arxiv.org/abs/2006.10739
    """

    count = 1 + 2 * len(WAVES)

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("frequencies", torch.tensor(WAVES)[:, None], persistent=False)
        self.frequencies: Tensor

    def forward(self, x: Tensor) -> Tensor:
        angles = (x[:, None] * self.frequencies).flatten(1)
        return torch.cat([x, torch.sin(angles), torch.cos(angles)], dim=1)


class PointConditioner(nn.Module):
    """(n, inputs), context (n, context) or None -> (n, outputs), all zero at first, so that a flow begins as the identity."""

    def __init__(self, inputs: int, outputs: int, width: int, depth: int, context: int) -> None:
        super().__init__()
        self.waves = Waves()
        self.first = nn.Linear(inputs * Waves.count, width)
        self.label = nn.Linear(context, width) if context else None
        self.hidden = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.last = nn.Linear(width, outputs)
        _silence(self.last)

    def forward(self, x: Tensor, context: Tensor | None) -> Tensor:
        h = self.first(self.waves(x))
        if self.label is not None and context is not None:
            h = h + self.label(context)
        for linear in self.hidden:
            h = linear(F.silu(h))
        return self.last(F.silu(h))


class PictureConditioner(nn.Module):
    """(n, inputs, h, w), context (n, context) or None -> (n, outputs, h, w), all zero at first: a small residual network."""

    def __init__(self, inputs: int, outputs: int, width: int, depth: int, context: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(inputs, width, 3, padding=1)
        self.label = nn.Linear(context, width) if context else None
        self.blocks = nn.ModuleList(_residual(width) for _ in range(depth))
        self.last = nn.Conv2d(width, outputs, 3, padding=1)
        _silence(self.last)

    def forward(self, x: Tensor, context: Tensor | None) -> Tensor:
        h = self.first(x)
        if self.label is not None and context is not None:
            h = h + self.label(context)[:, :, None, None]
        for block in self.blocks:
            h = h + block(h)
        return self.last(F.silu(h))


def _residual(width: int) -> nn.Module:
    return nn.Sequential(nn.SiLU(), nn.Conv2d(width, width, 3, padding=1), nn.SiLU(), nn.Conv2d(width, width, 1))


def _silence(layer: nn.Linear | nn.Conv2d) -> None:
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(cast(Tensor, layer.bias))


def conditioner(shape: tuple[int, ...], inputs: int, outputs: int, width: int, depth: int, context: int) -> nn.Module:
    """The network that suits samples of this shape, (channels,) or (channels, height, width)."""
    kind = PointConditioner if len(shape) == 1 else PictureConditioner
    return kind(inputs, outputs, width, depth, context)


class Coupling(Transform):
    """Transforms one half of the channels given the other.

    Args:
        shape: of a sample, (channels,) or (channels, height, width).
        function: what is done to each number of the half.
        swap: whether the first half is transformed, and not the second.
        context: width of the class's vector, 0 where there are no classes.
    """

    def __init__(
        self, shape: tuple[int, ...], function: Elementwise, *, swap: bool, width: int, depth: int, context: int
    ) -> None:
        super().__init__()
        if shape[0] < 2:
            raise StudioError("A coupling needs at least two numbers; choose 'maf', or data with more columns.")
        self.function = function
        self.swap = swap
        sizes = (shape[0] // 2, shape[0] - shape[0] // 2)
        self.cut = sizes[0]
        self.given, self.changed = reversed(sizes) if swap else sizes
        self.network = conditioner(shape, self.given, self.changed * function.count, width, depth, context)

    def halves(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The half that is given and the half that is changed."""
        first, second = x[:, : self.cut], x[:, self.cut :]
        return (second, first) if self.swap else (first, second)

    def join(self, given: Tensor, changed: Tensor) -> Tensor:
        """What `halves` took apart."""
        return torch.cat([changed, given] if self.swap else [given, changed], dim=1)

    def parameters_for(self, given: Tensor, context: Tensor | None) -> Tensor:
        """Parameters of each number of the changed half: (n, changed, ..., count)."""
        return split_parameters(self.network(given, context), self.changed, self.function.count)

    def forward(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        given, changed = self.halves(x)
        changed, log_slope = self.function(changed, self.parameters_for(given, context))
        return self.join(given, changed), log_slope.flatten(1).sum(1)

    def inverse(self, z: Tensor, context: Tensor | None) -> Tensor:
        given, changed = self.halves(z)
        return self.join(given, self.function.inverse(changed, self.parameters_for(given, context)))


def split_parameters(outputs: Tensor, channels: int, count: int) -> Tensor:
    """A network's outputs (n, channels * count, ...) as parameters of each number, (n, channels, ..., count)."""
    return outputs.unflatten(1, (channels, count)).movedim(2, -1)
