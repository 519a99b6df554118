"""A training's state as the bytes of a safetensors file: tensors by name, the rest as JSON in its header."""

import json
from collections.abc import Mapping
from typing import Any

from safetensors.torch import load, save
from torch import Tensor


def pack(tensors: Mapping[str, Tensor], facts: Any) -> bytes:
    """The bytes of a checkpoint."""
    return save(dict(tensors), {"format": "1", "facts": json.dumps(facts)})


def unpack(data: bytes) -> tuple[dict[str, Tensor], Any]:
    """What `pack` was given."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    return load(data), json.loads(header["__metadata__"]["facts"])
