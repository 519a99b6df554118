"""What flows along a graph's links."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.api.space import Space


@dataclass(frozen=True, eq=False)
class Samples:
    """A batch of samples: `array` is (n, *space.shape), as float32, or int64 for tokens; `title` says what they are."""

    array: NDArray[Any]
    space: Space
    title: str = ""


@dataclass(frozen=True, eq=False)
class Latents:
    """Starting points of generation.

    Attributes:
        array: (n, *shape) float32; shape is (0,) for a model that draws nothing before its first step.
        seed: where the noise of later steps comes from.
    """

    array: NDArray[np.float32]
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Conditioning:
    """What a prompt says to a model, as its text encoder gives it: `array` is (n, t, width) float32, `text` the prompt."""

    array: NDArray[np.float32]
    text: str = ""


@dataclass(frozen=True)
class TextValue:
    """Words, such as a prompt."""

    text: str


@dataclass(frozen=True)
class LabelValue:
    """Classes by name or number, in turn for the samples of a batch; none means no class in particular."""

    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelValue:
    """A model by its reference, such as "starter:ddpm"."""

    reference: str
