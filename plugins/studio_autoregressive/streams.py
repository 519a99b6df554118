"""The network of PixelCNN++: what is known of each pixel from those before it."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image

from .gated import Double, Downward, Halve, Pair, Rightward, Streams
from .rows import Memory, OneRow, WholePicture

SMALLEST = 7


def scales_of(space: Image, most: int) -> int:
    """How many resolutions: sides are halved while they are even and seven pixels are left, up to `most` resolutions."""
    halvings = 0
    while halvings + 1 < most and not (space.height | space.width) % 2 ** (halvings + 1):
        if min(space.height, space.width) >> (halvings + 1) < SMALLEST:
            break
        halvings += 1
    return halvings + 1


class TwoStreams(nn.Module):
    """Pictures (n, c, h, w) in [-1, 1] of classes (n,) -> features (n, width, h, w), at each pixel of those before it alone.

    Gated blocks in a downward and a rightward stream, to the lowest resolution and back; every layer on the way back also reads
    the one at its level on the way there. Weights are not normalised as in the paper: a block begins as the identity.

    Args:
        blocks: pairs of gated blocks at each resolution, on each way.
        scales: resolutions, as `scales_of` counts them.
        classes: number of classes; the class `classes` is "any".

    Source: Salimans et al., PixelCNN++, 2017, https://arxiv.org/abs/1701.05517
    """

    def __init__(self, space: Image, width: int, blocks: int, scales: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.columns = space.width
        seen = space.channels + 1
        self.labels = nn.Embedding(classes + 1, width)
        self.first_down = Downward(seen, width)
        self.first_above = nn.Conv2d(seen, width, (1, 3), padding=(0, 1))
        self.first_right = Rightward(seen, width)
        self.there, self.back = nn.ModuleList(), nn.ModuleList()
        for scale in range(scales):
            self.there.extend(Pair(width, dropout, skipped=False) for _ in range(blocks))
            if scale + 1 < scales:
                self.there.append(Halve(width))
        for scale in reversed(range(scales)):
            self.back.extend(Pair(width, dropout, skipped=True) for _ in range(blocks + (scale + 1 < scales)))
            if scale:
                self.back.append(Double(width))
        self.remembered = self._shapes(torch.zeros(1, *space.shape))

    @torch.no_grad()
    def _shapes(self, x: Tensor) -> dict[str, torch.Size]:
        first = torch.tensor(0)
        memory = self._at_row(x, first.reshape(1), first, first > 0, {})[1]
        return {name: rows.shape[1:] for name, rows in memory.items()}

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        return self.both(x, labels)[1]

    def both(self, x: Tensor, labels: Tensor) -> Streams:
        """The last layer: the downward stream, which knows the rows above, and the rightward one, which is all that is known."""
        seen = _with_ones(x)
        above, left = F.pad(seen[:, :, :-1], (0, 0, 1, 0)), F.pad(seen[:, :, :, :-1], (1, 0))
        return self._streams(above, left, labels, WholePicture())

    def blank(self, n: int, device: torch.device) -> Memory:
        """The memory before the first row of n pictures."""
        return {name: torch.zeros((n, *shape), device=device) for name, shape in self.remembered.items()}

    def at(self, x: Tensor, labels: Tensor, place: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        """Features (n, width) of pixel number `place` (int64 scalar) alone, and the memory for the next one.

        The pixels are asked for in raster order, with x known up to the one that is asked for.
        """
        row, column = place // self.columns, place % self.columns
        features, memory = self._at_row(x, labels, row, column == self.columns - 1, memory)
        return features.index_select(3, column.reshape(1))[:, :, 0, 0], memory

    def _at_row(self, x: Tensor, labels: Tensor, row: Tensor, last: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
        padded = F.pad(_with_ones(x), (1, 0, 1, 0))
        above = padded.index_select(2, row.reshape(1))[:, :, :, 1:]
        left = padded.index_select(2, row.reshape(1) + 1)[:, :, :, :-1]
        rows = OneRow(row, last, memory)
        return self._streams(above, left, labels, rows)[1], rows.kept

    def _streams(self, above: Tensor, left: Tensor, labels: Tensor, rows: WholePicture) -> Streams:
        """From the picture shifted down and the picture shifted to the right, each (n, c + 1, h, w)."""
        label = self.labels(labels)
        streams = (self.first_down(rows.over(above)), self.first_above(above) + self.first_right(rows.over(left)))
        skipping = [streams]
        for layer in self.there:
            streams = layer(streams, rows) if isinstance(layer, Halve) else layer(streams, None, label, rows)
            skipping.append(streams)
        skipping.pop()
        for layer in self.back:
            streams = layer(streams, rows) if isinstance(layer, Double) else layer(streams, skipping.pop(), label, rows)
        return streams


def _with_ones(x: Tensor) -> Tensor:
    """A channel of ones tells black pixels from what lies outside."""
    return torch.cat([x, torch.ones_like(x[:, :1])], dim=1)
