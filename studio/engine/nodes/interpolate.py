"""The way from one latent to another."""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from studio.api.errors import StudioError
from studio.api.node import node
from studio.api.noise import slerp
from studio.api.params import param
from studio.api.values import Latents


@node("interpolate", "Interpolate", category="latent", outputs={"latent": "latent"})
def interpolate(
    a: Annotated[Latents, "latent"],
    b: Annotated[Latents | None, "latent"] = None,
    steps: int = param(8, "How many points, both ends included.", ge=2, le=256),
    way: Literal["slerp", "lerp"] = param("slerp", "slerp keeps the length that normal noise has; lerp is a straight line."),
) -> Latents:
    """The way from the first point of a to the first of b, or from the first to the second of a where b is not linked."""
    start, end = _ends(a, b)
    weights = [float(weight) for weight in np.linspace(0.0, 1.0, steps)]
    along = slerp(start, end, weights) if way == "slerp" else _lerp(start, end, weights)
    return Latents(along, a.seed)


def _ends(a: Latents, b: Latents | None) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    if b is None and len(a.array) < 2:
        raise StudioError("There is one point only. Link a second latent to 'b', or raise the count of the noise to 2.")
    start, end = a.array[0], a.array[1] if b is None else b.array[0]
    if start.shape != end.shape:
        raise StudioError(f"The two latents have shapes {start.shape} and {end.shape}. Link latents of one model.")
    if not start.size:
        raise StudioError("This model draws no noise before its first step, so there is nothing to interpolate.")
    return start, end


def _lerp(start: NDArray[np.float32], end: NDArray[np.float32], weights: list[float]) -> NDArray[np.float32]:
    return np.stack([(1 - weight) * start + weight * end for weight in weights]).astype(np.float32)
