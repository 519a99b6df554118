"""Pictures at several scales: pixels folded into channels, and half of the channels finished early.

Source: Dinh et al., Density estimation using Real NVP, 2016, https://arxiv.org/abs/1605.08803
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from studio.api import Image, StudioError

from .transform import Chain, Transform


class Squeeze(Transform):
    """Folds squares of 2x2 pixels into channels: (n, c, h, w) -> (n, 4c, h / 2, w / 2)."""

    def forward(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        return nn.functional.pixel_unshuffle(x, 2), x.new_zeros(())

    def inverse(self, z: Tensor, context: Tensor | None) -> Tensor:
        return nn.functional.pixel_shuffle(z, 2)


class Flatten(Transform):
    """A sample of any shape as a vector."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.shape = shape

    def forward(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        return x.flatten(1), x.new_zeros(())

    def inverse(self, z: Tensor, context: Tensor | None) -> Tensor:
        return z.unflatten(1, self.shape)


class FactorOut(Transform):
    """Finishes the second half of the channels after `early` and goes on with the first in `rest`; both end as vectors.

    Args:
        shape: of a sample, (channels, height, width).
        early: transforms all channels before half of them leave, and keeps their shape.
        rest: ends in a vector.
    """

    def __init__(self, shape: tuple[int, int, int], early: Transform, rest: Transform) -> None:
        super().__init__()
        self.kept = shape[0] // 2
        self.finished = (shape[0] - self.kept, *shape[1:])
        self.early = early
        self.rest = rest

    def forward(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        x, early = self.early(x, context)
        z, late = self.rest(x[:, : self.kept], context)
        return torch.cat([z, x[:, self.kept :].flatten(1)], dim=1), early + late

    def inverse(self, z: Tensor, context: Tensor | None) -> Tensor:
        size = math.prod(self.finished)
        kept = self.rest.inverse(z[:, :-size], context)
        return self.early.inverse(torch.cat([kept, z[:, -size:].unflatten(1, self.finished)], dim=1), context)

    def initialise(self, x: Tensor, context: Tensor | None) -> None:
        self.early.initialise(x, context)
        self.rest.initialise(self.early(x, context)[0][:, : self.kept], context)


def multi_scale(
    space: Image, most: int, steps: Callable[[tuple[int, ...]], Transform], prior: Callable[[tuple[int, ...]], Transform]
) -> Transform:
    """Squeeze, `steps`, and half of the channels finished by `prior`, given the others; again for as many scales as fit.

    Raises:
        StudioError: the picture has an odd side.
    """

    def scale(channels: int, height: int, width: int, left: int) -> Transform:
        shape = (4 * channels, height // 2, width // 2)
        if left == 1:
            return Chain(Squeeze(), steps(shape), Flatten(shape))
        rest = scale(2 * channels, height // 2, width // 2, left - 1)
        return Chain(Squeeze(), FactorOut(shape, Chain(steps(shape), prior(shape)), rest))

    return scale(space.channels, space.height, space.width, scales(space, most))


def scales(space: Image, most: int) -> int:
    """How often a picture's sides can be halved, at most `most` times.

    Raises:
        StudioError: not even once.
    """
    sides = (space.height, space.width)
    count = next(k for k in range(most, -1, -1) if all(side % 2**k == 0 for side in sides))
    if not count:
        raise StudioError(
            f"This flow folds squares of 2x2 pixels; {space.height}x{space.width} has an odd side. Resize the data."
        )
    return count
