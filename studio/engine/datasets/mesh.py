"""A mesh photographed from known cameras."""

import struct
import zlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.api import Dataset, StudioError
from studio.engine.datasets.cameras import Array, Cameras, split_around
from studio.engine.datasets.folder import SIZES
from studio.engine.datasets.rasterizing import Shown, rasterize
from studio.engine.datasets.regular_file import Unfit, printable, read_regular_file
from studio.engine.datasets.views import views_dataset

SUFFIXES = {".obj", ".glb", ".ply"}
UPRIGHT = {".ply"}
SIZE, TRAINING, HELD_OUT = 64, 40, 8
DISTANCE, ELEVATIONS, MARGIN = 4.0, (-25.0, 75.0), 1.05
OVERSAMPLING = 2
LARGEST, MOST_TRIANGLES = 256 * 2**20, 2_000_000
LIGHT = np.array([0.4, -0.5, 0.77])
GREY = 0.75
UNREADABLE = (
    OSError, ValueError, SyntaxError, EOFError, TypeError, LookupError, ArithmeticError, AttributeError, MemoryError,
    RuntimeError, ImportError, AssertionError, struct.error, zlib.error,
)  # fmt: skip
"""What trimesh is known to raise on files that are broken or of a kind that it needs another library for."""

Paint = Callable[[NDArray[np.int64], Array], Array]


class Surface(NamedTuple):
    """Triangles (t, 3, 3), and the colours (p, 3) in [0, 1] of places on them, given by triangle (p,) and shares (p, 3)."""

    corners: Array
    paint: Paint


def load_mesh(file: Path, size: int = SIZE) -> Dataset:
    """48 views of `size` x `size` from all around, 8 of them held out, of a mesh in an OBJ, GLB or PLY file.

    It is moved to the origin and scaled so that its longest side is 2; of OBJ and GLB files y is up, of PLY files z. Colours of
    corners or triangles and textures are shown as they are; a mesh without any is grey and lit from one side.

    Raises:
        StudioError: a size outside 8 to 256, or the file holds no mesh that can be used.
    """
    if size not in SIZES:
        raise StudioError(f"Views of {size}x{size} cannot be used; choose a size from {SIZES[0]} to {SIZES[-1]}.")
    try:
        read_regular_file(file, LARGEST)
        surfaces = _surfaces(file)
    except Unfit as unfit:
        raise StudioError(f"{printable(file)} cannot be used as a mesh: {unfit}.") from None
    except UNREADABLE as error:
        raise StudioError(f"{printable(file)} cannot be read as a mesh ({error or type(error).__name__}).") from None
    return photograph(surfaces, size)


def photograph(surfaces: list[Surface], size: int) -> Dataset:
    """Views of surfaces on white, each pixel the mean of four."""
    corners, reach = _placed(np.concatenate([surface.corners for surface in surfaces]))
    poses, aside = split_around(TRAINING, HELD_OUT, ELEVATIONS, DISTANCE)
    focal = size / 2 / np.tan(np.arcsin(min(0.9, MARGIN * reach / DISTANCE)))
    owners = np.repeat(np.arange(len(surfaces)), [len(surface.corners) for surface in surfaces])
    firsts = np.cumsum([0, *(len(surface.corners) for surface in surfaces)])
    pictures = np.stack([
        _picture(shown, surfaces, owners, firsts, size)
        for shown in rasterize(corners, Cameras(poses, size, focal), OVERSAMPLING)
    ])  # fmt: skip
    return views_dataset(pictures, poses, focal, aside, radius=MARGIN)


def _placed(corners: Array) -> tuple[Array, float]:
    """Triangles around the origin with a longest side of 2, and how far the farthest corner is from there."""
    low, high = corners.min((0, 1)), corners.max((0, 1))
    placed = (corners - (low + high) / 2) * (2 / (high - low).max())
    return placed, float(np.linalg.norm(placed, axis=2).max())


def _picture(shown: Shown, surfaces: list[Surface], owners: NDArray[np.int64], firsts: Any, size: int) -> NDArray[np.float32]:
    side = size * OVERSAMPLING
    colours = np.ones((side * side, 3))
    for k, surface in enumerate(surfaces):
        mine = owners[shown.triangles] == k
        colours[shown.pixels[mine]] = surface.paint(shown.triangles[mine] - firsts[k], shown.shares[mine])
    means = colours.reshape(size, OVERSAMPLING, size, OVERSAMPLING, 3).mean((1, 3))
    return np.ascontiguousarray(means.transpose(2, 0, 1), np.float32)


def _surfaces(file: Path) -> list[Surface]:
    trimesh: Any = import_module("trimesh")
    scene = trimesh.load_scene(file, process=False)
    meshes = [mesh for mesh in scene.dump() if isinstance(mesh, trimesh.Trimesh) and len(mesh.faces)]
    count = sum(len(mesh.faces) for mesh in meshes)
    if not meshes:
        raise Unfit("it has no triangles")
    if count > MOST_TRIANGLES:
        raise Unfit(f"it has {count:,} triangles, more than {MOST_TRIANGLES:,}")
    surfaces = [_surface(mesh, file.suffix.lower() in UPRIGHT) for mesh in meshes]
    if not all(np.isfinite(surface.corners).all() for surface in surfaces):
        raise Unfit("not all of its corners are finite")
    if not any(np.ptp(surface.corners, (0, 1)).any() for surface in surfaces):
        raise Unfit("it has no size")
    return surfaces


def _surface(mesh: Any, upright: bool) -> Surface:
    corners = np.asarray(mesh.vertices, np.float64)[np.asarray(mesh.faces)]
    turned = corners if upright else corners[..., [0, 2, 1]] * [1, -1, 1]
    return Surface(turned, _paint(mesh, turned))


def _paint(mesh: Any, corners: Array) -> Paint:
    """How a mesh is coloured: by texture, by triangle, by corner, or by the light alone."""
    visual, faces = mesh.visual, np.asarray(mesh.faces)
    if visual.kind == "texture" and visual.uv is not None:
        places = np.asarray(visual.uv, np.float64)[faces]
        return lambda triangle, shares: _blend(places[triangle], shares, visual.material.to_color)
    if visual.kind == "face":
        colours = np.asarray(visual.face_colors)[:, :3] / 255
        return lambda triangle, shares: colours[triangle]
    if visual.kind == "vertex":
        ends = np.asarray(visual.vertex_colors)[faces][..., :3] / 255
        return lambda triangle, shares: _blend(ends[triangle], shares)
    return _lit(corners)


def _blend(ends: Array, shares: Array, colour: Callable[[Array], Any] | None = None) -> Array:
    blended = (ends * shares[..., None]).sum(1)
    return blended if colour is None else np.asarray(colour(blended))[:, :3] / 255


def _lit(corners: Array) -> Paint:
    """Grey under a light, by Lambert's law."""
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    brightness = GREY * (0.3 + 0.7 * np.maximum(normals @ (LIGHT / np.linalg.norm(LIGHT)), 0))
    return lambda triangle, shares: np.repeat(brightness[triangle, None], 3, 1)
