"""Discrete data as densities see them: each value spread evenly over its cell, so that a density bounds a probability.

Source: Theis et al., A note on the evaluation of generative models, 2015, https://arxiv.org/abs/1511.01844
"""

import math

import torch
from torch import Tensor

from studio.api.sampler import Noise
from studio.api.space import Column, Image, Space, Table


def cells(space: Space) -> Tensor:
    """How wide the cell of each number of a sample is, broadcastable to the sample: 0 where numbers are continuous.

    A level of a picture has 2 / (levels - 1), so that the cells of neighbours touch. A one-hot number has 1: the cells of two
    categories, cubes around their corners, do not overlap, and the largest number tells the category.
    """
    if isinstance(space, Image):
        return torch.tensor(2 / (space.levels - 1))
    if isinstance(space, Table):
        return torch.tensor([width for column in space.columns for width in _widths(column)])
    return torch.tensor(0.0)


def _widths(column: Column) -> list[float]:
    return [1.0] * len(column.categories) or [0.0]


def spread_of(space: Space) -> Noise | None:
    """The noise that `dequantize` needs for a sample, None where the space is continuous."""
    return Noise(shape=space.shape, law="uniform") if bool(cells(space).any()) else None


def dequantize(x: Tensor, uniform: Tensor, width: Tensor) -> Tensor:
    """Samples (n, *space.shape) moved within their cells by numbers in 0..1 of the same shape; `width` is of `cells`."""
    return x + (uniform - 0.5) * width


def bits_per_dim(log_prob: Tensor, space: Image) -> Tensor:
    """Bits for each number of a quantised picture, from the log-density of dequantised pictures in nats of the [-1, 1] scale.

    The mean over data and dequantisation noise is an upper bound of the bits that the discrete model needs.

    Example:
        >>> space = Image(height=1, width=1, channels=1, levels=5)
        >>> round(float(bits_per_dim(torch.tensor([-math.log(2.5)]), space)), 3)  # uniform over all five cells: log2(5)
        2.322
    """
    return -(log_prob / math.prod(space.shape) + math.log(2 / (space.levels - 1))) / math.log(2)
