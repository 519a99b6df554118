"""Cameras around a scene and the rays through their pixels, as tensors."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from studio.api.space import Views


class Rays(NamedTuple):
    """`origins` and `directions` of unit length, each (n, 3)."""

    origins: Tensor
    directions: Tensor


def cast_rays(poses: Tensor, rows: Tensor, columns: Tensor, space: Views, focal: Tensor | float | None = None) -> Rays:
    """The rays through the middles of pixels of a view.

    Args:
        poses: camera to world, (n, 3 or 4, 4), one a ray.
        rows: (n,) from the top.
        columns: (n,) from the left.
        focal: in pixels, the space's own where None.
    """
    length = space.focal if focal is None else focal
    x = (columns + 0.5 - space.width / 2) / length
    y = -(rows + 0.5 - space.height / 2) / length
    seen = torch.stack([x, y, -torch.ones_like(x)], dim=1)
    directions = (poses[:, :3, :3] * seen[:, None]).sum(2)
    return Rays(poses[:, :3, 3], directions / directions.square().sum(1, keepdim=True).clamp(min=1e-12).sqrt())


def orbit(azimuth: Tensor, elevation: Tensor, distance: Tensor, centre: Sequence[float]) -> Tensor:
    """Cameras that look at `centre` from angles in degrees (n,) and a distance (n,): camera to world, (n, 3, 4).

    From azimuth 0 the camera looks along -x, from 90 along -y; at elevation 90 it looks down.
    """
    turn, lift = azimuth * (math.pi / 180), elevation * (math.pi / 180)
    sine, cosine, still = torch.sin(turn), torch.cos(turn), torch.zeros_like(turn)
    right = torch.stack([-sine, cosine, still], dim=1)
    up = torch.stack([-torch.sin(lift) * cosine, -torch.sin(lift) * sine, torch.cos(lift)], dim=1)
    back = torch.stack([torch.cos(lift) * cosine, torch.cos(lift) * sine, torch.sin(lift)], dim=1)
    position = back * distance[:, None] + torch.tensor(centre, dtype=back.dtype, device=back.device)
    return torch.stack([right, up, back, position], dim=2)
