"""Cameras around a scene and the rays through their pixels, as arrays; `studio.kit.rays` has the same as tensors."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
GOLDEN_ANGLE = 180 * (3 - 5**0.5)


class Cameras(NamedTuple):
    """Cameras of one kind.

    Attributes:
        poses: camera to world, (n, 4, 4); a camera looks along its -z, y is up in its picture.
        size: side of a picture in pixels.
        focal: in pixels.
    """

    poses: Array
    size: int
    focal: float

    def rays(self, oversampling: int = 1) -> tuple[Array, Array]:
        """Origins and unit directions, (n, side, side, 3), side = size * oversampling; rows run from the top."""
        side = self.size * oversampling
        across = (np.arange(side) + 0.5 - side / 2) / (self.focal * oversampling)
        x, y = np.meshgrid(across, -across)
        seen = np.stack([x, y, -np.ones_like(x)], axis=-1)
        directions = np.einsum("nij,hwj->nhwi", self.poses[:, :3, :3], seen)
        directions /= np.linalg.norm(directions, axis=-1, keepdims=True)
        return np.broadcast_to(self.poses[:, None, None, :3, 3], directions.shape), directions


def orbit(azimuth: Array, elevation: Array, distance: float) -> Array:
    """Poses (n, 4, 4) that look at the origin from angles in degrees (n,): from azimuth 0 along -x, from elevation 90 down."""
    turn, lift = np.deg2rad(azimuth), np.deg2rad(elevation)
    right = np.stack([-np.sin(turn), np.cos(turn), 0 * turn], axis=1)
    back = np.stack([np.cos(lift) * np.cos(turn), np.cos(lift) * np.sin(turn), np.sin(lift)], axis=1)
    poses = np.tile(np.eye(4), (len(turn), 1, 1))
    poses[:, :3] = np.stack([right, np.cross(back, right), back, distance * back], axis=2)
    return poses


def spread(count: int, elevations: tuple[float, float], distance: float, shift: float = 0.0) -> Array:
    """`count` poses evenly over the belt between two elevations: equal steps of height, each turned by the golden angle."""
    low, high = np.sin(np.deg2rad(elevations))
    heights = low + (high - low) * (np.arange(count) + 0.5) / count
    azimuth, elevation = np.arange(count) * GOLDEN_ANGLE + shift * GOLDEN_ANGLE, np.rad2deg(np.arcsin(heights))
    return orbit(azimuth.astype(np.float64), elevation.astype(np.float64), distance)


def split_around(
    training: int, held_out: int, elevations: tuple[float, float], distance: float
) -> tuple[Array, NDArray[np.bool_]]:
    """Poses all around a scene (n, 4, 4), and which of them, lying between the others, are held out (n,)."""
    poses = [spread(training, elevations, distance), spread(held_out, elevations, distance, shift=0.5)]
    return np.concatenate(poses), np.arange(training + held_out) >= training
