"""Volume rendering: what a ray sees of a field of density and colour, with nothing computed where nothing is."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from studio.kit.rays import Rays

from .occupancy import Occupancy

FAINT = 2e-5
DIAGONAL = 2 * math.sqrt(3)


class Field(nn.Module):
    """A density and a colour for every place in the cube [-1, 1]³."""

    def density(self, points: Tensor) -> tuple[Tensor, Tensor]:
        """Points (p, 3) -> density per unit of length (p,), and features (p, f) that their colours may need."""
        raise NotImplementedError

    def colour(self, points: Tensor, features: Tensor, directions: Tensor) -> Tensor:
        """Colours (p, 3) in [0, 1] of points seen along unit directions (p, 3)."""
        raise NotImplementedError


class Marks(NamedTuple):
    """Places along rays: how far they are, and the length each stands for, 0 where it does not count; both (n, s)."""

    times: Tensor
    widths: Tensor


class Seen(NamedTuple):
    """What rays saw: each mark's share (n, s), the sum of the colours (n, 3), of the distances (n,) and of the shares (n,)."""

    weights: Tensor
    colour: Tensor
    distance: Tensor
    opacity: Tensor


def span(rays: Rays) -> tuple[Tensor, Tensor]:
    """Where rays enter and leave the cube, each (n, 1); a ray that misses it leaves before it enters."""
    tiny = torch.where(rays.directions < 0, -1e-9, 1e-9)
    slope = 1 / torch.where(rays.directions.abs() < 1e-9, tiny, rays.directions)
    first, second = (-1 - rays.origins) * slope, (1 - rays.origins) * slope
    enter = torch.minimum(first, second).amax(1, keepdim=True).clamp(min=0)
    return enter, torch.maximum(first, second).amin(1, keepdim=True)


def march(rays: Rays, count: int, shift: Tensor | float) -> Marks:
    """Equal steps through the cube, `count` along its diagonal; `shift`, from 0 to 1, moves them all by part of a step."""
    enter, leave = span(rays)
    step = DIAGONAL / count
    times = enter + (torch.arange(count, device=enter.device) + shift) * step
    return Marks(times, torch.where(times < leave, step, 0.0))


def shares(thickness: Tensor) -> Tensor:
    """How much of the light that reaches the eye comes from each stretch (n, s) of a given optical thickness.

    Source: Max, Optical Models for Direct Volume Rendering, 1995, https://doi.org/10.1109/2945.468400
    """
    before = torch.cumsum(thickness, dim=1) - thickness
    return torch.exp(-before) * (1 - torch.exp(-thickness))


def see(field: Field, occupancy: Occupancy, rays: Rays, marks: Marks) -> Seen:
    """What rays in the cube's own units see; densities are computed where something may be, colours where it shows."""
    n, count = marks.times.shape
    points = (rays.origins[:, None] + marks.times[..., None] * rays.directions[:, None]).reshape(-1, 3)
    dense = ((marks.widths > 0).flatten() & occupancy.holds(points)).nonzero().squeeze(1)
    points = points.index_select(0, dense)
    density, features = field.density(points)
    weighed = density.float() * occupancy.weigh(points)
    thickness = marks.widths * torch.zeros_like(marks.times).flatten().index_copy(0, dense, weighed).reshape(n, count)
    weights = shares(thickness)
    weights = torch.where(weights > FAINT, weights, 0.0)
    shown = (weights.flatten().index_select(0, dense) > 0).nonzero().squeeze(1)
    places = dense.index_select(0, shown)
    directions = rays.directions.index_select(0, places // count)
    colours = field.colour(points.index_select(0, shown), features.index_select(0, shown), directions).float()
    painted = torch.zeros(n * count, 3, device=weights.device).index_copy(0, places, colours).reshape(n, count, 3)
    distance = (weights * marks.times).sum(1)
    return Seen(weights, (weights[..., None] * painted).sum(1), distance, weights.sum(1))
