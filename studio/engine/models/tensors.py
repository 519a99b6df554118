"""Whether a tensor in a file is as large as it says, and lies where it may."""

import math
from pathlib import Path

from onnx import TensorProto, helper

from studio.engine.models.names import WEIGHTS
from studio.engine.models.refusal import Refused

LARGEST = 2**31 - 1
KEYS = {"location", "offset", "length", "checksum"}
PACKED: dict[int, int] = {TensorProto.UINT4: 2, TensorProto.INT4: 2, TensorProto.FLOAT4E2M1: 2}


def check_tensor(path: Path, tensor: TensorProto, weights: int | None) -> None:
    """Refused where a tensor is not what it says; `weights` is the size of the file of weights beside it, if there is one."""
    if tensor.data_type == TensorProto.UNDEFINED and not tensor.dims and not tensor.external_data:
        return
    if tensor.data_type not in TensorProto.DataType.values():
        raise Refused("tensor-type", path, f"'{tensor.name[:80]}' has the unknown type {tensor.data_type}")
    needed = _bytes(path, tensor)
    if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
        _check_external(path, tensor, needed, weights)
    elif tensor.raw_data and len(tensor.raw_data) != needed:
        raise Refused("tensor-size", path, f"'{tensor.name[:80]}' says {needed:,} bytes and holds {len(tensor.raw_data):,}")
    elif not tensor.raw_data and needed and _values(tensor) == 0:
        raise Refused("tensor-size", path, f"'{tensor.name[:80]}' says {needed:,} bytes and holds none")


def _bytes(path: Path, tensor: TensorProto) -> int:
    if any(size < 0 for size in tensor.dims) or len(tensor.dims) > 16:
        raise Refused("tensor-shape", path, f"'{tensor.name[:80]}' has the impossible shape {list(tensor.dims)[:8]}")
    count = math.prod(tensor.dims)
    if tensor.data_type == TensorProto.STRING:
        return 0
    if tensor.data_type in PACKED:
        return -(-count // PACKED[tensor.data_type])
    size = count * helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize
    if size > LARGEST:
        raise Refused("tensor-size", path, f"'{tensor.name[:80]}' says {size:,} bytes, more than {LARGEST:,}")
    return size


def _values(tensor: TensorProto) -> int:
    return sum(
        len(values)
        for values in (
            tensor.float_data,
            tensor.int32_data,
            tensor.int64_data,
            tensor.double_data,
            tensor.uint64_data,
            tensor.string_data,
        )
    )


def _check_external(path: Path, tensor: TensorProto, needed: int, weights: int | None) -> None:
    entries = {entry.key: entry.value for entry in tensor.external_data}
    name = tensor.name[:80]
    if set(entries) - KEYS or len(entries) != len(tensor.external_data):
        raise Refused("external-data", path, f"'{name}' says in an unknown way where its values lie")
    if entries.get("location") != WEIGHTS or weights is None:
        raise Refused(
            "external-data", path, f"'{name}' lies in {entries.get('location', '')[:80]!r}; only {WEIGHTS} beside it may be used"
        )
    offset, length = (_number(path, entries.get(key, default)) for key, default in (("offset", "0"), ("length", str(needed))))
    if length != needed or offset + length > weights:
        raise Refused(
            "external-range",
            path,
            f"'{name}' claims bytes {offset:,} to {offset + length:,} of {weights:,}, and needs {needed:,}",
        )


def _number(path: Path, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise Refused("external-range", path, f"{text[:40]!r} is no place in a file")
    return int(text)
