"""Reading back the samples that a trainer kept."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from studio.api.errors import StudioError
from studio.api.space import Signature
from studio.api.values import Samples
from studio.engine.runs.folder import RunFolder

LARGEST = 256 * 2**20


def read_preview(folder: RunFolder, file: str) -> Samples:
    """The samples in `file` of a run's previews, as its `Preview` events name them.

    Raises:
        StudioError: no such preview, or it cannot be read.
    """
    path = folder.previews / Path(file).name
    try:
        signature = Signature.model_validate_json(folder.signature.read_bytes())
        array = _read(path)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error, ValidationError) as error:
        raise StudioError(f"The preview {path} cannot be read ({error}).") from error
    return Samples(array, signature.space, path.stem)


def _read(path: Path) -> NDArray[Any]:
    if path.is_symlink():
        raise ValueError("it is a link")
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
            raise ValueError("it is too large")
    with np.load(path, allow_pickle=False) as arrays:
        return arrays["samples"]
