"""Monotone rational-quadratic splines with linear tails."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from .coupling import Elementwise

LEAST = 1e-3
"""Smallest width and height of a bin, as a share of the whole, and smallest slope at a knot."""
SLOPE_ONE = math.log(math.expm1(1 - LEAST))


class RationalQuadratic(Elementwise):
    """A spline of `bins` pieces within -bound..bound and the identity outside; zero parameters make it the identity.

    Of the 3 bins - 1 parameters the first are the widths, then the heights, then the slopes at inner knots; outer slopes are 1.
    The bin of a number is found by comparing it with all knots.

    Source: Durkan et al., Neural Spline Flows, 2019, https://arxiv.org/abs/1906.04032; Gregory and Delbourgo, Piecewise
    rational quadratic interpolation to monotonic data, 1982, https://doi.org/10.1093/imanum/2.2.123
    """

    def __init__(self, bins: int, bound: float) -> None:
        super().__init__()
        self.bins = bins
        self.bound = bound
        self.count = 3 * bins - 1

    def forward(self, x: Tensor, parameters: Tensor) -> tuple[Tensor, Tensor]:
        inner = x.clamp(-self.bound, self.bound)
        (left, bottom), (width, height), (before, after) = self._bin(inner, parameters, 0)
        slope = height / width
        t = (inner - left) / width
        rest = 1 - t
        mixed = t * rest
        square = t * t
        below = slope + (before + after - 2 * slope) * mixed
        y = bottom + height * (slope * square + before * mixed) / below
        steepness = after * square + 2 * slope * mixed + before * rest * rest
        log_slope = ((slope / below).square() * steepness).log()
        outside = inner != x
        return torch.where(outside, x, y), log_slope.masked_fill(outside, 0.0)

    def inverse(self, y: Tensor, parameters: Tensor) -> Tensor:
        inner = y.clamp(-self.bound, self.bound)
        (left, bottom), (width, height), (before, after) = self._bin(inner, parameters, 1)
        slope = height / width
        rise = inner - bottom
        bend = rise * (before + after - 2 * slope)
        a = height * (slope - before) + bend
        b = height * before - bend
        c = -slope * rise
        root = (b.square() - 4 * a * c).clamp(min=0).sqrt()
        x = left - 2 * c / (b + root) * width
        return torch.where(inner != y, y, x)

    def equalised(self, x: Tensor) -> Tensor:
        """Parameters (..., count) of splines that make each number of x (n, ...) about normal, with deviation bound / 4."""
        ends = torch.linspace(-self.bound, self.bound, self.bins + 1, device=x.device)[1:-1]
        below = ((x[..., None] < ends).sum(0) + torch.arange(1, self.bins, device=x.device) / self.bins) / (len(x) + 1)
        knots = F.pad(torch.special.ndtri(below).clamp(-4, 4), (1, 0), value=-4.0)
        heights = torch.diff(knots, append=torch.full_like(knots[..., :1], 4.0)) / 8
        heights = heights.clamp(min=2 * LEAST)
        heights = heights / heights.sum(-1, keepdim=True)
        slopes = (self.bins * (heights[..., 1:] * heights[..., :-1]).sqrt()).clamp(min=2 * LEAST) - LEAST
        raw_slopes = slopes + (-torch.expm1(-slopes)).log() - SLOPE_ONE
        raw_heights = ((heights - LEAST) / (1 - LEAST * self.bins)).log()
        return torch.cat([torch.zeros_like(heights), raw_heights, raw_slopes], dim=-1)

    def _bin(self, x: Tensor, parameters: Tensor, axis: int) -> list[tuple[Tensor, ...]]:
        """Corner, size and slopes at both ends of the bin that holds x on `axis` (0: input, 1: output)."""
        raw_sizes, raw_slopes = parameters.split([2 * self.bins, self.bins - 1], dim=-1)
        shares = torch.softmax(raw_sizes.unflatten(-1, (2, self.bins)), dim=-1)
        sizes = shares * (2 * self.bound * (1 - LEAST * self.bins)) + 2 * self.bound * LEAST
        slopes = F.pad(F.softplus(raw_slopes + SLOPE_ONE) + LEAST, (1, 1), value=1.0)
        ends = sizes[..., axis, :-1].detach().cumsum(-1) - self.bound
        passed = x.detach()[..., None] >= ends
        place = passed.sum(-1, keepdim=True)
        corner = (sizes[..., :-1] * passed[..., None, :]).sum(-1) - self.bound
        size = sizes.expand(*x.shape, -1, -1).gather(-1, place[..., None].expand(*x.shape, 2, 1)).squeeze(-1)
        slope = slopes.expand(*x.shape, -1).gather(-1, torch.cat([place, place + 1], dim=-1))
        return [pair.unbind(-1) for pair in (corner, size, slope)]
