"""A scene that is known exactly: sphere, torus, box and pillar on a chequered disc, with light, shadow and a highlight."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from studio.api import Dataset
from studio.engine.datasets.cameras import Array, Cameras, split_around
from studio.engine.datasets.views import views_dataset

SIZE, TRAINING, HELD_OUT = 64, 40, 8
DISTANCE, ELEVATIONS, HALF_ANGLE = 3.5, (5.0, 75.0), 18.0
RADIUS = 1.05
OVERSAMPLING = 2
STEPS, NEAR_ENOUGH = 96, 1e-3
LIGHT = np.array([0.45, -0.35, 0.82]) / np.linalg.norm([0.45, -0.35, 0.82])
FLOOR, TOP = -0.52, -0.46
SPHERE, BALL = np.array([-0.38, 0.3, -0.1]), 0.36
TORUS, RING, TUBE = np.array([0.12, -0.45, -0.34]), 0.32, 0.12
BOX, HALF, EDGE = np.array([0.45, 0.35, -0.2]), 0.22, 0.04
PILLAR, THICK = np.array([-0.55, -0.4, -0.46]), 0.1


def load() -> Dataset:
    """40 views of 64x64 for training, 8 between them for validation."""
    return scene(TRAINING, HELD_OUT, SIZE)


@lru_cache(maxsize=4)
def scene(training: int, held_out: int, size: int) -> Dataset:
    """So many views of `size` x `size` pixels, each the mean of four rays; the cameras are known exactly."""
    poses, aside = split_around(training, held_out, ELEVATIONS, DISTANCE)
    focal = size / (2 * np.tan(np.deg2rad(HALF_ANGLE)))
    return views_dataset(photograph(Cameras(poses, size, focal)), poses, focal, aside, radius=RADIUS)


def photograph(cameras: Cameras) -> NDArray[np.float32]:
    """Pictures (n, 3, size, size) in [0, 1], on white."""
    origins, directions = cameras.rays(OVERSAMPLING)
    colours = shade(origins.reshape(-1, 3), directions.reshape(-1, 3))
    cells = colours.reshape(len(cameras.poses), cameras.size, OVERSAMPLING, cameras.size, OVERSAMPLING, 3)
    return np.ascontiguousarray(cells.mean((2, 4)).transpose(0, 3, 1, 2), np.float32)


def trace(origins: Array, directions: Array) -> Array:
    """How far rays (n, 3) of unit directions go until they meet a solid, infinity where they meet none: (n,).

    Source: Hart, Sphere tracing, 1996, https://doi.org/10.1007/s003710050084
    """
    middle = -(origins * directions).sum(1)
    reach = middle**2 - (origins**2).sum(1) + (1.5 * RADIUS) ** 2
    half = np.sqrt(np.maximum(reach, 0))
    travelled, end, met = np.maximum(middle - half, 0), middle + half, np.full(len(origins), np.inf)
    going = np.flatnonzero((reach > 0) & (end > 0))
    for _ in range(STEPS):
        distance = solids(origins[going] + travelled[going, None] * directions[going]).min(0)
        hit = distance < NEAR_ENOUGH
        met[going[hit]] = travelled[going[hit]]
        travelled[going] += distance
        going = going[~hit & (travelled[going] < end[going])]
        if not len(going):
            break
    return met


def solids(points: Array) -> Array:
    """Signed distances of points (n, 3) to the disc, sphere, torus, box and pillar: (5, n); never more than the true ones."""
    x, y, z = points.T
    from_axis = np.hypot(x, y)
    disc = np.maximum(from_axis - 0.98, np.abs(z - (FLOOR + TOP) / 2) - (TOP - FLOOR) / 2)
    sphere = np.linalg.norm(points - SPHERE, axis=1) - BALL
    u, v, w = (points - TORUS).T
    torus = np.hypot(np.hypot(u, v) - RING, w) - TUBE
    turned = np.abs(_turned(points - BOX)) - HALF + EDGE
    box = np.linalg.norm(np.maximum(turned, 0), axis=1) + np.minimum(turned.max(1), 0) - EDGE
    along = points - PILLAR - np.outer(np.clip(z - PILLAR[2], 0, 0.75), [0, 0, 1])
    return np.stack([disc, sphere, torus, box, np.linalg.norm(along, axis=1) - THICK])


def shade(origins: Array, directions: Array) -> Array:
    """Colours of rays, (n, 3)."""
    colours = np.ones(origins.shape)
    distances = trace(origins, directions)
    seen = np.flatnonzero(np.isfinite(distances))
    places = origins[seen] + distances[seen, None] * directions[seen]
    normals = _normals(places)
    facing = np.maximum(normals @ LIGHT, 0)
    lit = np.isinf(trace(places + 0.01 * normals, np.broadcast_to(LIGHT, places.shape)))
    halfway = LIGHT - directions[seen]
    halfway /= np.linalg.norm(halfway, axis=1, keepdims=True)
    paint, gloss = _paint(places)
    glint = gloss * np.maximum((normals * halfway).sum(1), 0) ** 20
    colours[seen] = np.clip(paint * (0.4 + 0.6 * facing * lit)[:, None] + (glint * lit)[:, None], 0, 1)
    return colours


def _normals(places: Array) -> Array:
    """The slope of the distance by central differences, (n, 3)."""
    steps = 1e-4 * np.eye(3)
    slope = np.stack([solids(places + step).min(0) - solids(places - step).min(0) for step in steps], axis=1)
    return slope / np.linalg.norm(slope, axis=1, keepdims=True)


def _paint(places: Array) -> tuple[Array, Array]:
    """The colour of the nearest solid, (n, 3), and how glossy it is, (n,)."""
    x, y, _ = places.T
    chequers = np.where(((np.floor(4 * x) + np.floor(4 * y)) % 2 == 0)[:, None], [0.85, 0.83, 0.78], [0.25, 0.3, 0.38])
    angle = np.arctan2(y - TORUS[1], x - TORUS[0])
    stripes = np.where((np.floor(angle * 6 / np.pi) % 2 == 0)[:, None], [0.95, 0.75, 0.15], [0.2, 0.55, 0.35])
    plain = [np.broadcast_to(np.array(colour), places.shape) for colour in ((0.8, 0.2, 0.18), (0.2, 0.4, 0.8), (0.5, 0.3, 0.6))]
    nearest = solids(places).argmin(0)
    paints = np.stack([chequers, plain[0], stripes, plain[1], plain[2]])
    return paints[nearest, np.arange(len(places))], np.where(nearest == 1, 0.4, 0.0)


def _turned(points: Array) -> Array:
    """Points (n, 3) in a frame turned by 30 degrees around z."""
    sine, cosine = 0.5, 0.75**0.5
    return points @ np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
