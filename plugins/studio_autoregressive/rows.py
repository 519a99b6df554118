"""A picture seen whole, or one row after the other: the same network learns on the first and draws pixels on the second.

A convolution that is two rows high needs the row above the one it is at. Of a whole picture that row is there; of a single row
it is remembered. So drawing a pixel costs one row of the network and not the picture.

Source: Ramachandran et al., Fast Generation for Convolutional Autoregressive Models, 2017, https://arxiv.org/abs/1704.06001
"""

import torch
from torch import Tensor
from torch.nn import functional as F

Memory = dict[str, Tensor]
"""What is remembered of earlier rows, by name, each (n, c, 1, w)."""


class WholePicture:
    """All rows at once; above the first one there is nothing."""

    def over(self, x: Tensor) -> Tensor:
        """Rows with the one above them: (n, c, h, w) -> (n, c, h + 1, w)."""
        return F.pad(x, (0, 0, 1, 0))

    def halved(self, x: Tensor) -> Tensor:
        """Called with what a stride of two made of `over`; what follows is at half the resolution."""
        return x

    def doubled(self, x: Tensor) -> Tensor:
        """Back to twice the resolution: (n, c, h, w) -> (n, c, 2 h, 2 w)."""
        return F.interpolate(x, scale_factor=2.0)


class OneRow(WholePicture):
    """A single row, h = 1 in all that passes.

    At half the resolution a row belongs to two rows of the picture: it is made at the first one and held for the second.

    Args:
        row: its number, int64 scalar.
        last: whether all of the row that comes before its last pixel is known, a bool scalar: only then it is remembered.
        memory: what was `kept` in the row before, empty before the first.

    Attributes:
        kept: the memory with this row.
    """

    def __init__(self, row: Tensor, last: Tensor, memory: Memory) -> None:
        self.row = row
        self.last = last
        self.memory = memory
        self.kept: Memory = {}
        self.stride = 1

    def over(self, x: Tensor) -> Tensor:
        above, _ = self._renew(x, self.last & (self.row % self.stride == self.stride - 1))
        return torch.cat([above, x], dim=2)

    def halved(self, x: Tensor) -> Tensor:
        self.stride *= 2
        return self._renew(x, self.row % self.stride == 0)[1]

    def doubled(self, x: Tensor) -> Tensor:
        self.stride //= 2
        return F.interpolate(x, scale_factor=(1.0, 2.0))

    def _renew(self, x: Tensor, when: Tensor) -> tuple[Tensor, Tensor]:
        """What stood here before and what stands here now."""
        name = f"row{len(self.kept)}"
        before = self.memory.get(name, torch.zeros_like(x))
        self.kept[name] = torch.where(when, x, before)
        return before, self.kept[name]
