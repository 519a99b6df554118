"""What a method can show of itself where samples lie in the plane, as plain numbers that the window draws.

A method returns these from `Generator.insights`; they are kept beside the previews of a run. A name is what the window writes on
the layer's switch; of surfaces it knows how to colour "density", "energy" (low is likely) and "discriminator" (fake to real).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

REACH = 3.0
"""Half the side of the square that is shown; data in the plane has about unit variance."""


@dataclass(frozen=True)
class Surface:
    """A function of the plane on a square grid: an energy, a density, a discriminator's verdict.

    Attributes:
        values: (h, w), row 0 at y = -reach, column 0 at x = -reach.
    """

    values: Tensor
    reach: float = REACH
    kind: Literal["surface"] = "surface"


@dataclass(frozen=True)
class Arrows:
    """A vector field: `vectors` (m, 2) at `places` (m, 2)."""

    places: Tensor
    vectors: Tensor
    kind: Literal["arrows"] = "arrows"


@dataclass(frozen=True)
class Lines:
    """Polylines of equal length, (k, t, 2): the paths of samples from noise to data, or a grid bent by a map."""

    points: Tensor
    kind: Literal["lines"] = "lines"


Insight = Surface | Arrows | Lines
LARGEST = 256


def check(insight: Insight) -> Insight:
    """The insight itself; ValueError where it is not finite, not of its declared shape or too large to be kept often."""
    match insight:
        case Surface(values=values):
            _require(values.ndim == 2 and min(values.shape) >= 2 and max(values.shape) <= LARGEST, "values (h, w)", values)
            _require(bool(torch.isfinite(values).all()), "finite values", values)
        case Arrows(places=places, vectors=vectors):
            for tensor in (places, vectors):
                _require(tensor.ndim == 2 and tensor.shape[1] == 2 and len(tensor) <= LARGEST**2, "rows (m, 2)", tensor)
                _require(bool(torch.isfinite(tensor).all()), "finite numbers", tensor)
            _require(places.shape == vectors.shape, "a vector at each place", vectors)
        case Lines(points=points):
            _require(points.ndim == 3 and points.shape[2] == 2 and 2 <= points.shape[1] <= LARGEST, "lines (k, t, 2)", points)
            _require(bool(torch.isfinite(points).all()), "finite points", points)
    return insight


def _require(holds: bool, what: str, seen: Tensor) -> None:
    if not holds:
        raise ValueError(f"{what} are expected, not {tuple(seen.shape)} with {int((~torch.isfinite(seen)).sum())} not finite")


def grid(side: int, reach: float = REACH, device: torch.device | str = "cpu") -> Tensor:
    """The points of a square grid, (side * side, 2), row by row from the lower left."""
    axis = torch.linspace(-reach, reach, side, device=device)
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    return torch.stack([x, y], dim=-1).reshape(-1, 2)


def surface(function: Callable[[Tensor], Tensor], device: torch.device | str = "cpu", side: int = 64) -> Surface:
    """A function of points, (n, 2) -> (n,) or (n, 1), drawn over the plane."""
    return Surface(function(grid(side, device=device)).detach().reshape(side, side))


def arrows(function: Callable[[Tensor], Tensor], device: torch.device | str = "cpu", side: int = 16) -> Arrows:
    """A vector field, (n, 2) -> (n, 2), drawn over the plane."""
    places = grid(side, device=device)
    return Arrows(places, function(places).detach())


def warped_grid(
    function: Callable[[Tensor], Tensor], device: torch.device | str = "cpu", lines: int = 13, knots: int = 49
) -> Lines:
    """Horizontal and vertical lines of the plane as a map, (n, 2) -> (n, 2), bends them: (2 * lines, knots, 2)."""
    across = torch.linspace(-REACH, REACH, lines, device=device)[:, None].expand(lines, knots)
    along = torch.linspace(-REACH, REACH, knots, device=device).expand(lines, knots)
    straight = torch.cat([torch.stack([along, across], dim=-1), torch.stack([across, along], dim=-1)])
    return Lines(function(straight.reshape(-1, 2)).detach().reshape(straight.shape))
