"""Files of weights in the safetensors format, known by their heads: names, types and shapes, without reading the weights.

Source of the format: https://huggingface.co/docs/safetensors/index
"""

import json
import math
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from studio.api.errors import StudioError
from studio.api.frozen import Frozen

LARGEST_HEAD = 100_000_000
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".msgpack", ".h5")
BITS = {
    "F64": 64, "I64": 64, "U64": 64, "F32": 32, "I32": 32, "U32": 32, "F16": 16, "BF16": 16, "I16": 16, "U16": 16,
    "I8": 8, "U8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "BOOL": 8,
}  # fmt: skip
READ = ("F64", "F32", "F16", "BF16")


class Tensor(Frozen):
    """One tensor of a file; `data_offsets` are its first byte after the head and the one behind its last."""

    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int]

    @property
    def count(self) -> int:
        """How many numbers it has."""
        return math.prod(self.shape)


class Index(Frozen):
    """Which file each tensor of a model in several files lies in."""

    metadata: dict[str, Any] = Field(default_factory=dict)
    weight_map: dict[str, str]


def read_head(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file by name.

    Raises:
        StudioError: the file is cut off, or no safetensors file.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or length > min(LARGEST_HEAD, size - 8):
            raise _broken(path, f"its head should have {length:,} bytes, and the file has {size:,}")
        head = file.read(length)
    try:
        entries = json.loads(head)
        tensors = {name: Tensor.model_validate(entry) for name, entry in entries.items() if name != "__metadata__"}
    except (ValueError, AttributeError, ValidationError, RecursionError) as error:
        raise _broken(path, "its head cannot be read") from error
    _check(path, tensors, size - 8 - length)
    return tensors


def _check(path: Path, tensors: dict[str, Tensor], room: int) -> None:
    for name, tensor in tensors.items():
        first, end = tensor.data_offsets
        if tensor.dtype not in BITS or any(side < 0 for side in tensor.shape):
            raise _broken(path, f"'{name[:80]}' has the unknown type {tensor.dtype[:20]} or an impossible shape")
        if end > room:
            raise _broken(path, f"'{name[:80]}' should end at byte {end:,}, and there are {room:,}")
        if first < 0 or (end - first) * 8 != tensor.count * BITS[tensor.dtype]:
            raise _broken(path, f"'{name[:80]}' does not have the size that its shape says")


def weight_files(folder: Path, stem: str) -> list[Path]:
    """The safetensors files of a model: "STEM.safetensors", those its index names, or of its half-precision variant.

    Raises:
        StudioError: there are none, or one that is named is missing. Pickles (.bin, .pt, .ckpt) are never opened: they run code.
    """
    for variant in ("", ".fp16"):
        whole, index = folder / f"{stem}{variant}.safetensors", folder / f"{stem}.safetensors.index{variant}.json"
        if whole.is_file():
            return [whole]
        if index.is_file():
            return _listed(index)
    if found := sorted(file.name for file in folder.glob("*") if file.suffix in PICKLES):
        raise StudioError(
            f"{folder} has its weights in {found[0]} only. Such files can run any code when they are opened, so they are not. "
            "Ask for a version of the model in safetensors; most on the hub have one."
        )
    raise StudioError(f"{folder} holds no weights: there is no {stem}.safetensors in it. Is the download complete?")


def _listed(index: Path) -> list[Path]:
    try:
        names = sorted(set(Index.model_validate_json(index.read_bytes()).weight_map.values()))
    except (OSError, ValidationError) as error:
        raise StudioError(f"{index} cannot be read. Is the download complete?") from error
    for name in names:
        if Path(name).name != name or not (index.parent / name).is_file():
            raise StudioError(f"{index.name} names '{name[:80]}', which is not in {index.parent}. Is the download complete?")
    return [index.parent / name for name in names]


def read_heads(folder: Path, stem: str) -> dict[str, Tensor]:
    """All tensors of a model by name.

    Raises:
        StudioError: as in `weight_files` and `read_head`, or weights that are no plain numbers, such as quantised ones.
    """
    tensors = {name: tensor for file in weight_files(folder, stem) for name, tensor in read_head(file).items()}
    odd = {tensor.dtype for tensor in tensors.values() if tensor.count > 1} - {*READ, "I64", "BOOL", "I32"}
    if odd:
        raise StudioError(
            f"The weights in {folder} are kept as {', '.join(sorted(odd))}: they are quantised, and only {', '.join(READ)} can "
            "be read. Choose the model's full version."
        )
    return tensors


def count_by_type(tensors: dict[str, Tensor]) -> dict[str, int]:
    """Numbers by the type they are kept in."""
    counts = dict[str, int]()
    for tensor in tensors.values():
        if tensor.dtype in READ:
            counts[tensor.dtype] = counts.get(tensor.dtype, 0) + tensor.count
    return counts


def read_config(path: Path) -> dict[str, Any]:
    """A JSON object; StudioError where the file is missing or holds something else."""
    try:
        config = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise StudioError(f"{path.parent} is not complete: there is no {path.name} in it.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise StudioError(f"{path} cannot be read ({str(error).splitlines()[0]}).") from error
    if not isinstance(config, dict):
        raise StudioError(f"{path} holds no settings of a model.")
    return config


def _broken(path: Path, why: str) -> StudioError:
    return StudioError(f"{path} is damaged, or cut off: {why}. Fetch it again.")
