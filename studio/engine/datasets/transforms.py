"""Pictures with their cameras in a transforms.json, as Blender's NeRF scenes and many capture tools write them."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from studio.api import Dataset, Problem, StudioError
from studio.engine.datasets.cameras import Array
from studio.engine.datasets.folder import SIZES, SUFFIXES, nothing_usable, told
from studio.engine.datasets.picture_file import read_picture
from studio.engine.datasets.regular_file import Unfit, printable, read_regular_file
from studio.engine.datasets.views import every_tenth, looked_at, views_dataset

NAMES = ("transforms.json", "transforms_train.json")
SIZE = 100
LARGEST = 64 * 2**20
MOST_BYTES = 2**30
FEWEST = 3
SAME_LENS = 0.01
MARGIN = 1.05
LENS = ("k1", "k2", "k3", "k4", "p1", "p2")


class View(NamedTuple):
    """A posed picture: pixels (3, size, size) in [0, 1], camera to world (4, 4), focal length in short sides of the picture."""

    file: str
    pixels: NDArray[np.float32]
    pose: Array
    focal: float


def find_transforms(folder: Path) -> Path | None:
    """The file that tells the cameras of a folder's pictures, if there is one."""
    return next((folder / name for name in NAMES if (folder / name).is_file()), None)


def load_transforms(file: Path, size: int = SIZE) -> Dataset:
    """Every frame whose picture and camera can be used, as squares of `size` on white; every tenth is held out.

    A frame has `file_path` (its ending may be missing) and `transform_matrix`, camera to world, looking along -z. The lens is
    `camera_angle_x` in radians, or `fl_x` and `w` in pixels. The scene is taken to be what most cameras look at.

    Raises:
        StudioError: a size outside 8 to 256, the file cannot be read, or fewer than three frames can be used; the first
            reasons are told.
    """
    if size not in SIZES:
        raise StudioError(f"Views of {size}x{size} cannot be used; choose a size from {SIZES[0]} to {SIZES[-1]}.")
    told_lens = _read(file)
    problems = list(_warnings(file, told_lens))
    room = MOST_BYTES // (12 * size * size)
    views = list(_views(file, told_lens, size, problems, room))
    views = _of_one_lens(views, problems)
    if len(views) < FEWEST:
        reasons = nothing_usable(file.parent, problems, "view") if problems else f"{printable(file)} names {len(views)} views."
        raise StudioError(f"At least {FEWEST} views are needed. {reasons}")
    return _dataset(views, size, told(problems))


def _read(file: Path) -> Mapping[str, Any]:
    try:
        found: Any = json.loads(read_regular_file(file, LARGEST))
    except Unfit as unfit:
        raise StudioError(f"{printable(file)} cannot be used: {unfit}.") from None
    except (ValueError, RecursionError):
        raise StudioError(f"{printable(file)} is not JSON. Choose the transforms.json of a scene.") from None
    if not isinstance(found, dict) or not isinstance(found.get("frames"), list):  # pyright: ignore[reportUnknownMemberType]
        raise StudioError(f"{printable(file)} has no list of frames. Choose the transforms.json of a scene.")
    return cast("dict[str, Any]", found)


def _warnings(file: Path, lens: Mapping[str, Any]) -> Iterator[Problem]:
    if any(isinstance(lens.get(name), int | float) and lens[name] for name in LENS):
        yield Problem(file=file.name, reason="used, but the distortion of its lens is not undone")


def _views(file: Path, lens: Mapping[str, Any], size: int, problems: list[Problem], room: int) -> Iterator[View]:
    for number, frame in enumerate(lens["frames"]):
        name = str(frame.get("file_path", "")) if isinstance(frame, dict) else ""  # pyright: ignore[reportUnknownMemberType]
        label = printable(name) or f"frame {number}"
        if room == 0:
            problems.append(Problem(file=label, reason="this and all after it: 1 GiB of pixels is loaded already"))
            return
        try:
            yield _view(file.parent, label, frame, lens, size)
        except Unfit as unfit:
            problems.append(Problem(file=label, reason=str(unfit)))
            continue
        room -= 1


def _view(folder: Path, name: str, frame: Any, lens: Mapping[str, Any], size: int) -> View:
    if not isinstance(frame, dict) or not isinstance(frame.get("file_path"), str):  # pyright: ignore[reportUnknownMemberType]
        raise Unfit("it names no picture")
    known = {**lens, **cast("dict[str, Any]", frame)}
    pose = _pose(known.get("transform_matrix"))
    picture = read_picture(_picture(folder, known["file_path"]), size)
    width, height = picture.shape
    pixels = np.ascontiguousarray(picture.pixels.transpose(2, 0, 1), np.float32) / np.float32(255)
    return View(name, pixels, pose, _focal(known, width) * width / min(width, height))


def _picture(folder: Path, name: str) -> Path:
    path = folder / name
    if path.suffix.lower() in SUFFIXES:
        return path
    return next((found for suffix in sorted(SUFFIXES) if (found := path.with_name(path.name + suffix)).exists()), path)


def _pose(matrix: Any) -> Array:
    try:
        pose = np.asarray(matrix, np.float64)
    except (TypeError, ValueError):
        raise Unfit("its matrix is not made of numbers") from None
    if pose.shape != (4, 4) or not np.isfinite(pose).all():
        raise Unfit("its matrix is not 4 by 4 finite numbers")
    turn = pose[:3, :3]
    if np.abs(turn.T @ turn - np.eye(3)).max() > 0.01 or np.linalg.det(turn) < 0:
        raise Unfit("its matrix is not a rotation and a place")
    return pose


def _focal(known: Mapping[str, Any], width: int) -> float:
    """The focal length in widths of the picture."""
    angle, length, across = (known.get(name) for name in ("camera_angle_x", "fl_x", "w"))
    if isinstance(length, int | float) and length > 0:
        return length / (across if isinstance(across, int | float) and across > 0 else width)
    if isinstance(angle, int | float) and 0 < angle < np.pi:
        return float(0.5 / np.tan(angle / 2))
    raise Unfit("neither 'camera_angle_x' nor 'fl_x' tells its lens")


def _of_one_lens(views: list[View], problems: list[Problem]) -> list[View]:
    usual = float(np.median([view.focal for view in views])) if views else 0.0
    other = [view for view in views if abs(view.focal - usual) > SAME_LENS * usual]
    problems += [Problem(file=view.file, reason="its lens is not that of most others") for view in other]
    return [view for view in views if all(view is not one for one in other)]


def _dataset(views: list[View], size: int, problems: tuple[Problem, ...]) -> Dataset:
    poses, focal = np.stack([view.pose for view in views]), float(np.median([view.focal for view in views]))
    centre = looked_at(poses)
    away = float(np.median(np.linalg.norm(poses[:, :3, 3] - centre, axis=1)))
    return views_dataset(
        np.stack([view.pixels for view in views]), poses, focal * size, every_tenth(len(views)),
        centre=centre.tolist(), radius=MARGIN * away / (2 * focal), problems=problems,
    )  # fmt: skip
