"""Rotary positions: a token's place as an angle by which its queries and keys are turned."""

import torch
from torch import Tensor, nn

BASE = 10_000.0


class Rotary(nn.Module):
    """Turns pairs of numbers (x_i, x_(i + d/2)) of vectors (..., t, d) by angles that grow with the place, faster for small i.

    The product of two turned vectors depends on how far apart they stand, not on where.

    Args:
        context: number of places.
        width: d, even.
        frequencies: angles (d / 2,) from one place to the next; as published where there are none.

    Source: Su et al., RoFormer: Enhanced Transformer with Rotary Position Embedding, 2021, https://arxiv.org/abs/2104.09864
    """

    def __init__(self, context: int, width: int, frequencies: Tensor | None = None) -> None:
        super().__init__()
        angles = torch.arange(context)[:, None] * (spread(width) if frequencies is None else frequencies)
        self.register_buffer("cosines", torch.cos(angles), persistent=False)
        self.register_buffer("sines", torch.sin(angles), persistent=False)
        self.cosines: Tensor
        self.sines: Tensor

    def forward(self, x: Tensor, places: Tensor) -> Tensor:
        """Turn x (..., t, d), whose vectors stand at `places` (t,)."""
        cosines, sines = self.cosines.index_select(0, places), self.sines.index_select(0, places)
        first, second = x.chunk(2, dim=-1)
        return torch.cat([first * cosines - second * sines, second * cosines + first * sines], dim=-1)


def spread(width: int, base: float = BASE) -> Tensor:
    """The angles (width / 2,) from one place to the next, falling from 1 to about 1 / base."""
    return base ** (-torch.arange(0, width, 2) / width)
