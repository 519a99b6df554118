"""Posed pictures as a data set, and what cameras tell of the place that they look at."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studio.api import Dataset, Problem, Signature, Views
from studio.engine.datasets.cameras import Array

EVERY = 10


def views_dataset(
    pictures: NDArray[np.float32],
    poses: Array,
    focal: float,
    held_out: NDArray[np.bool_],
    *,
    centre: Sequence[float] = (0.0, 0.0, 0.0),
    radius: float,
    problems: tuple[Problem, ...] = (),
) -> Dataset:
    """Views of one scene on white.

    Args:
        pictures: (n, 3, height, width) in [0, 1].
        poses: camera to world, (n, 4, 4).
        focal: in pixels.
        held_out: (n,), which views are for validation.
        centre: of the scene.
        radius: what the scene reaches from there along each axis.
    """
    away = poses[:, :3, 3] - np.asarray(centre)
    distances = np.linalg.norm(away, axis=1)
    elevations = np.rad2deg(np.arcsin(np.clip(away[:, 2] / distances, -1, 1)))
    x, y, z = (float(value) for value in centre)
    space = Views(
        height=pictures.shape[2], width=pictures.shape[3], focal=focal, centre=(x, y, z), radius=radius,
        distance=float(np.median(distances)), elevations=(float(elevations.min()), float(elevations.max())),
    )  # fmt: skip
    cameras = poses.astype(np.float32)
    return Dataset(
        Signature(space=space), pictures[~held_out], pictures[held_out], problems=problems,
        train_poses=cameras[~held_out], validation_poses=cameras[held_out],
    )  # fmt: skip


def every_tenth(count: int) -> NDArray[np.bool_]:
    """Which of `count` views are held out."""
    return np.arange(count) % EVERY == 0


def looked_at(poses: Array) -> Array:
    """The point nearest to the lines of sight of all cameras, (3,), by least squares."""
    axes = poses[:, :3, 2] / np.linalg.norm(poses[:, :3, 2], axis=1, keepdims=True)
    across = np.eye(3) - axes[:, :, None] * axes[:, None]
    return np.linalg.lstsq(across.sum(0), (across @ poses[:, :3, 3, None]).sum(0)[:, 0])[0]
