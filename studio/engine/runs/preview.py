"""Reading back what a trainer kept of a generator: samples, and what it showed of itself."""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from studio.api.errors import StudioError
from studio.api.space import Signature
from studio.api.values import Samples
from studio.engine.plane import Layer
from studio.engine.runs.folder import RunFolder

T = TypeVar("T")
LARGEST = 256 * 2**20


def read_preview(folder: RunFolder, file: str) -> Samples:
    """The samples in `file` of a run's previews, as its `Preview` events name them.

    Raises:
        StudioError: no such preview, or it cannot be read.
    """
    return _read(folder, file, lambda arrays, signature, name: Samples(arrays["samples"], signature.space, name))


def read_layers(folder: RunFolder, file: str) -> tuple[Layer, ...]:
    """What the method showed of itself beside those samples, in the order it was kept; nothing in the previews of old runs.

    Raises:
        StudioError: no such preview, or it cannot be read.
    """
    return _read(folder, file, lambda arrays, *_: tuple(_layers(arrays)))


def _layers(arrays: Mapping[str, NDArray[Any]]) -> Iterator[Layer]:
    for key in arrays:
        kind, _, name = key.partition(".")
        if kind not in _SHAPES:
            continue
        values = arrays[key].astype("<f4")
        if not _SHAPES[kind](values.shape) or not np.isfinite(values).all():
            raise ValueError(f"'{name}' is no {kind}")
        reach = float(arrays[f"reach.{name}"]) if f"reach.{name}" in arrays else 3.0
        yield Layer(kind=cast(Any, kind), name=name, shape=values.shape, values=values.tobytes(), reach=reach)


_SHAPES: Mapping[str, Callable[[tuple[int, ...]], bool]] = {
    "surface": lambda shape: len(shape) == 2 and min(shape) >= 2,
    "arrows": lambda shape: len(shape) == 2 and shape[1] == 4,
    "lines": lambda shape: len(shape) == 3 and shape[1] >= 2 and shape[2] == 2,
}


def _read(folder: RunFolder, file: str, take: Callable[[Mapping[str, NDArray[Any]], Signature, str], T]) -> T:
    path = folder.previews / Path(file).name
    try:
        signature = Signature.model_validate_json(folder.signature.read_bytes())
        _guard(path)
        with np.load(path, allow_pickle=False) as arrays:
            return take(arrays, signature, path.stem)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, ValidationError) as error:
        raise StudioError(f"The preview {path} cannot be read ({error}).") from error


def _guard(path: Path) -> None:
    if path.is_symlink():
        raise ValueError("it is a link")
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
            raise ValueError("it is too large")
