"""Convolutions that are shifted instead of masked, and the gated residual blocks made of them.

Two streams pass through the network. At pixel (i, j) the downward one knows the rows above i; the rightward one knows also what
is left of j in row i. Neither has a blind spot, and neither ever sees a pixel that comes later in raster order.

Source: van den Oord et al., Conditional Image Generation with PixelCNN Decoders, 2016, https://arxiv.org/abs/1606.05328;
Salimans et al., PixelCNN++, 2017, https://arxiv.org/abs/1701.05517
"""

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .rows import WholePicture

Streams = tuple[Tensor, Tensor]
"""The downward and the rightward stream, each (n, width, h, w)."""


def concat_elu(x: Tensor, dim: int = 1) -> Tensor:
    """ELU of x and of -x side by side: twice as many numbers along `dim`."""
    return F.elu(torch.cat([x, -x], dim))


class Shifted(nn.Module):
    """A convolution two rows high, of rows with the one above them: (n, c, h + 1, w) -> (n, d, h / stride, w / stride).

    Args:
        reach: how many columns to the right it sees, none in the rightward stream; to the left it sees one.
    """

    def __init__(self, channels: int, out: int, reach: int, stride: int = 1) -> None:
        super().__init__()
        self.reach = reach
        self.conv = nn.Conv2d(channels, out, (2, 2 + reach), stride)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(F.pad(x, (1, self.reach)))


Downward: Callable[..., Shifted] = partial(Shifted, reach=1)
Rightward: Callable[..., Shifted] = partial(Shifted, reach=0)


class Gated(nn.Module):
    """x + value * sigmoid(gate) after two shifted convolutions, given the class and what lies `beside` x, if anything does.

    Args:
        beside: channels of that other input, 0 where there is none.
    """

    def __init__(self, shifted: Callable[..., Shifted], width: int, beside: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.first = shifted(2 * width, width)
        self.beside = nn.Conv2d(2 * beside, width, 1) if beside else None
        self.drop = nn.Dropout(dropout)
        self.second = shifted(2 * width, 2 * width)
        self.condition = nn.Linear(width, 2 * width, bias=False)
        nn.init.zeros_(self.second.conv.weight)

    def forward(self, x: Tensor, beside: Tensor | None, label: Tensor, rows: WholePicture) -> Tensor:
        h = self.first(concat_elu(rows.over(x)))
        if self.beside is not None and beside is not None:
            h = h + self.beside(concat_elu(beside))
        h = self.second(self.drop(concat_elu(rows.over(h)))) + self.condition(label)[:, :, None, None]
        value, gate = h.split(self.width, dim=1)
        return x + value * torch.sigmoid(gate)


class Pair(nn.Module):
    """A gated block in each stream; the rightward one also reads the downward one, and both what skipped the layers between.

    Args:
        skipped: whether streams of an earlier layer come in.
    """

    def __init__(self, width: int, dropout: float, skipped: bool) -> None:
        super().__init__()
        self.down = Gated(Downward, width, width if skipped else 0, dropout)
        self.right = Gated(Rightward, width, 2 * width if skipped else width, dropout)

    def forward(self, streams: Streams, skipped: Streams | None, label: Tensor, rows: WholePicture) -> Streams:
        down = self.down(streams[0], skipped[0] if skipped else None, label, rows)
        beside = torch.cat([down, skipped[1]], dim=1) if skipped else down
        return down, self.right(streams[1], beside, label, rows)


class Halve(nn.Module):
    """Both streams at half the resolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.down, self.right = Downward(width, width, stride=2), Rightward(width, width, stride=2)

    def forward(self, streams: Streams, rows: WholePicture) -> Streams:
        halved = [convolve(rows.over(x)) for convolve, x in zip((self.down, self.right), streams, strict=True)]
        down, right = rows.halved(torch.cat(halved, dim=1)).split(self.width, dim=1)
        return down, right


class Double(nn.Module):
    """Both streams at twice the resolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.width = width
        self.down, self.right = Downward(width, width), Rightward(width, width)

    def forward(self, streams: Streams, rows: WholePicture) -> Streams:
        down, right = rows.doubled(torch.cat(streams, dim=1)).split(self.width, dim=1)
        return self.down(rows.over(down)), self.right(rows.over(right))
