"""Which part of samples is to be made anew."""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from studio.api.node import node
from studio.api.params import param
from studio.api.space import Image, Space
from studio.api.values import Samples


@node("mask", "Mask", category="input", outputs={"mask": "samples"})
def mask(
    samples: Annotated[Samples, "samples"],
    left: float = param(
        25.0, "Where the part begins: from the left, or from the first column or moment.", ge=0, le=100, unit="%"
    ),
    width: float = param(50.0, "How wide it is.", ge=0, le=100, unit="%"),
    top: float = param(25.0, "Where it begins from the top of a picture.", ge=0, le=100, unit="%"),
    height: float = param(50.0, "How high it is in a picture.", ge=0, le=100, unit="%"),
    invert: bool = param(False, "Everything but that part."),
) -> Samples:
    """A part of pictures, of the columns of a table or of a sound, that a model should make anew."""
    space = samples.space
    shape = samples.array.shape[1:]
    chosen: NDArray[np.bool_] = np.zeros(shape, np.bool_)
    chosen[..., _stretch(shape[-1], left, width)] = True
    if isinstance(space, Image):
        rows = np.zeros(space.height, np.bool_)
        rows[_stretch(space.height, top, height)] = True
        chosen = (chosen & rows[:, None])[:1]
    return Samples(_signs(chosen ^ invert), _space(space), "mask")


def _stretch(size: int, start: float, length: float) -> slice:
    """The places from `start` percent on, `length` percent long, at least one."""
    first = min(round(size * start / 100), size - 1)
    return slice(first, max(first + 1, round(size * (start + length) / 100)))


def _signs(chosen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """One sample: 1 where something is to be made, -1 where it is kept."""
    return np.where(chosen, 1, -1).astype(np.float32)[None]


def _space(space: Space) -> Space:
    return space.model_copy(update={"channels": 1, "levels": 2}) if isinstance(space, Image) else space
