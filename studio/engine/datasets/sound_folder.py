"""A folder of the user's recordings; what cannot be used is named with its reason, and the rest is used."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from studio.api import Audio, Dataset, Problem, Signature, StudioError
from studio.engine.datasets.folder import files_in, nothing_usable, told
from studio.engine.datasets.regular_file import Unfit, printable
from studio.engine.datasets.shipped import split
from studio.engine.datasets.sound_file import read_sound

SUFFIXES = {".wav", ".wave"}
RATE = 8000
LENGTH = 4096
LENGTHS = range(256, 65_537)
MOST_BYTES = 2**29
FADE = 80


class Found(NamedTuple):
    """A usable sound, from its start; the folder it lies in, and the word before the first "_" of its name."""

    folder: str
    word: str
    sound: NDArray[np.float32]


def holds_sounds(folder: Path) -> bool:
    """Whether a folder's files are WAV files rather than pictures: the first few decide."""
    few = [path for _, path in zip(range(64), files_in(folder, []), strict=False)]
    return sum(path.suffix.lower() in SUFFIXES for path in few) * 2 > len(few)


def load_sounds(folder: Path, length: int = LENGTH) -> Dataset:
    """Every WAV file in `folder` and below at 8,000 Hz, cut or filled with silence to `length` samples.

    The class is the subfolder where all lie in one, or the word before "_" where every name has one ("seven_anna_3.wav").
    A tenth is held out. At most 512 MiB are loaded.

    Raises:
        StudioError: a length outside 256 to 65536, or no usable sound at all; the first reasons are told.
    """
    if length not in LENGTHS:
        raise StudioError(f"Sounds of {length} samples cannot be used; choose from {LENGTHS[0]} to {LENGTHS[-1]}.")
    problems: list[Problem] = []
    found = list(_sounds(folder, length, problems))
    if not found:
        raise StudioError(nothing_usable(folder, problems, "sound"))
    return _dataset(found, length, problems)


def _sounds(folder: Path, length: int, problems: list[Problem]) -> Iterator[Found]:
    room = MOST_BYTES // (4 * length)
    for path in files_in(folder, problems):
        relative = path.relative_to(folder)
        if room == 0:
            problems.append(Problem(file=printable(relative), reason="this and all after it: 512 MiB are loaded already"))
            return
        try:
            sound = read_sound(path, RATE, length)
        except Unfit as unfit:
            problems.append(Problem(file=printable(relative), reason=str(unfit)))
            continue
        room -= 1
        word = re.match(r"([^_]+)_", relative.name)
        yield Found(printable(relative.parts[0]) if len(relative.parts) > 1 else "", word[1] if word else "", sound)


def _dataset(found: list[Found], length: int, problems: list[Problem]) -> Dataset:
    classes, labels = (
        _classes([one.folder for one in found]) or _classes([one.word for one in found], repeated=True) or ((), None)
    )
    long = sum(len(one.sound) > length for one in found)
    if long:
        seconds = length / RATE
        reason = f"{long} sounds are longer than {seconds:.2g} s and used up to there; '@' and a number of samples takes more"
        problems.insert(0, Problem(file="…", reason=reason))
    waves = np.stack([_fitted(one.sound, length) for one in found])[:, None]
    train, held_out = split(len(waves), max(1, len(waves) // 10)) if len(waves) > 1 else (np.zeros(1, int), np.zeros(1, int))
    return Dataset(
        signature=Signature(space=Audio(rate=RATE, length=length), classes=classes),
        train=waves[train], validation=waves[held_out],
        train_labels=None if labels is None else labels[train],
        validation_labels=None if labels is None else labels[held_out],
        problems=told(problems),
    )  # fmt: skip


def _classes(names: Sequence[str], *, repeated: bool = False) -> tuple[tuple[str, ...], NDArray[np.int64]] | None:
    """The distinct names and each sound's place among them; None where they are no classes."""
    distinct = sorted(set(names))
    if "" in distinct or len(distinct) == 1 or (repeated and 2 * len(distinct) > len(names)):
        return None
    return tuple(distinct), np.array([distinct.index(name) for name in names])


def _fitted(sound: NDArray[np.float32], length: int) -> NDArray[np.float32]:
    """Filled with silence; what is cut fades out."""
    if len(sound) <= length:
        return np.pad(sound, (0, length - len(sound)))
    cut = sound[:length].copy()
    cut[-FADE:] *= np.linspace(1, 0, FADE, dtype=np.float32)
    return cut
