"""Text as a stream of symbols: characters where they are few, bytes otherwise."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from studio.api import Dataset, Signature, StudioError, Tokens
from studio.engine.datasets.regular_file import Unfit, read_regular_file
from studio.engine.render import BYTES

LENGTH = 64
SHORTEST = 8
LARGEST = 256 * 2**20
CHARACTERS = 512


def load_text(path: Path, length: int = LENGTH) -> Dataset:
    """A file's text; StudioError where it cannot be read or is too short."""
    try:
        return text_dataset(read_regular_file(path, LARGEST), path.name, length)
    except Unfit as unfit:
        raise StudioError(f"{path} cannot be used as a text: {unfit}.") from None


def text_dataset(data: bytes, name: str, length: int = LENGTH) -> Dataset:
    """The first 90 % of the stream for training, the last 10 % for validation (as nanoGPT does).

    The vocabulary is the characters that occur, sorted, or the 256 bytes where the text is not UTF-8 or has more than 512
    distinct characters. `length`, the symbols in a window, is reduced where the validation part is shorter.
    """
    vocabulary, stream = _symbols(data.removeprefix(b"\xef\xbb\xbf"))
    train, held_out = np.split(stream, [int(0.9 * len(stream))])
    length = min(length, len(held_out) - 1)
    if length < SHORTEST:
        raise StudioError(f"The text '{name}' has only {len(stream)} characters; at least {10 * (SHORTEST + 1)} are needed.")
    return Dataset(Signature(space=Tokens(vocabulary=vocabulary, length=length)), train, held_out)


def _symbols(data: bytes) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    try:
        points = np.frombuffer(data.decode("utf-8").encode("utf-32-le"), np.uint32)
    except UnicodeDecodeError:
        return BYTES, np.frombuffer(data, np.uint8).astype(np.int64)
    occurring, stream = np.unique(points, return_inverse=True)
    if len(occurring) > CHARACTERS:
        return BYTES, np.frombuffer(data, np.uint8).astype(np.int64)
    return tuple(map(chr, occurring.tolist())), stream.astype(np.int64)
