"""A folder of the user's pictures; what cannot be used is named with its reason, and the rest is used."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.api import Dataset, Image, Problem, Signature, StudioError
from studio.engine.datasets.caption_files import read_captions
from studio.engine.datasets.picture_file import Picture, read_picture
from studio.engine.datasets.regular_file import Unfit, printable
from studio.engine.datasets.shipped import pixels, split

SIZE = 32
SIZES = range(8, 257)
SUFFIXES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm"}
MOST_BYTES = 2**30
DEEPEST = 8
MOST_PROBLEMS = 1000


class Found(NamedTuple):
    """A usable picture: its class is the subfolder of the first level, empty for the folder itself; its words, if any."""

    label: str
    pixels: NDArray[np.uint8]
    caption: str = ""
    tags: tuple[str, ...] = ()


def load_folder(folder: Path, size: int = SIZE) -> Dataset:
    """Every picture in `folder` and below, as squares of `size`; the subfolders are the classes where all pictures lie in one.

    Grey where all pictures are grey. A tenth is held out. At most 1 GiB of pixels is loaded. Captions are text files beside
    the pictures or a table (see `studio.engine.datasets.caption_files`); the folders that a picture lies in are its tags.

    Raises:
        StudioError: a size outside 8 to 256, or no usable picture at all; the first reasons are told.
    """
    if size not in SIZES:
        raise StudioError(f"Pictures of {size}x{size} cannot be used; choose a size from {SIZES[0]} to {SIZES[-1]}.")
    problems: list[Problem] = []
    found = list(_pictures(folder, size, problems))
    if not found:
        raise StudioError(nothing_usable(folder, problems, "picture"))
    return _dataset(found, size, told(problems))


def _pictures(folder: Path, size: int, problems: list[Problem]) -> Iterator[Found]:
    room = MOST_BYTES // (12 * size * size)
    paths = list(files_in(folder, problems))
    captions = read_captions(folder, paths, SUFFIXES, problems)
    for path in (path for path in paths if path not in captions.files):
        relative = path.relative_to(folder)
        if room == 0:
            problems.append(Problem(file=printable(relative), reason="this and all after it: 1 GiB of pixels is loaded already"))
            return
        picture = _read(path, relative, size, problems)
        if picture is not None:
            room -= 1
            tags = tuple(map(printable, relative.parts[:-1]))
            yield Found(tags[0] if tags else "", picture.pixels, captions.texts.get(path, ""), tags)


def _read(path: Path, relative: Path, size: int, problems: list[Problem]) -> Picture | None:
    try:
        picture = read_picture(path, size)
    except Unfit as unfit:
        problems.append(Problem(file=printable(relative), reason=str(unfit)))
        return None
    if picture.note:
        problems.append(Problem(file=printable(relative), reason=picture.note))
    return picture


def files_in(folder: Path, problems: list[Problem], depth: int = 0) -> Iterator[Path]:
    """Everything but hidden files, in order of name; links to folders are not followed, so there are no loops."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        problems.append(Problem(file=printable(folder.name), reason=f"cannot be opened ({error.strerror or error})"))
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False) and depth < DEEPEST and Path(entry.name).suffix.lower() not in SUFFIXES:
            yield from files_in(Path(entry.path), problems, depth + 1)
        elif not entry.name.startswith("."):
            yield Path(entry.path)


def _dataset(found: list[Found], size: int, problems: tuple[Problem, ...]) -> Dataset:
    names = tuple(sorted({picture.label for picture in found}))
    classes = () if "" in names or len(names) == 1 else names
    labels = np.array([names.index(picture.label) for picture in found]) if classes else None
    pictures = np.stack([picture.pixels for picture in found])
    grey = bool((pictures == pictures[..., :1]).all())
    values = pixels(pictures[..., :1] if grey else pictures)
    train, held_out = split(len(values), max(1, len(values) // 10)) if len(values) > 1 else (np.zeros(1, int), np.zeros(1, int))
    return Dataset(
        signature=Signature(space=Image(height=size, width=size, channels=1 if grey else 3, levels=256), classes=classes),
        train=values[train], validation=values[held_out],
        train_labels=None if labels is None else labels[train],
        validation_labels=None if labels is None else labels[held_out],
        captions=_worded(found, train), validation_captions=_worded(found, held_out),
        tags=tuple(found[place].tags for place in train), problems=problems,
    )  # fmt: skip


def _worded(found: list[Found], places: NDArray[np.int64]) -> tuple[str, ...]:
    """The captions at these places, none at all where no picture has one."""
    return tuple(found[place].caption for place in places) if any(picture.caption for picture in found) else ()


def told(problems: list[Problem]) -> tuple[Problem, ...]:
    """The first thousand, and how many more."""
    more = len(problems) - MOST_PROBLEMS
    rest = [Problem(file="…", reason=f"and {more} more files that cannot be used")] if more > 0 else []
    return (*problems[:MOST_PROBLEMS], *rest)


def nothing_usable(folder: Path, problems: list[Problem], thing: str) -> str:
    """Why a folder is no data, with the first reasons."""
    if not problems:
        return f"There are no {thing}s in {printable(folder)}."
    reasons = "; ".join(f"{problem.file}: {problem.reason}" for problem in problems[:3])
    return f"None of the {len(problems)} files in {printable(folder)} is a usable {thing}. {reasons}."
