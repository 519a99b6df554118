"""Constants that blow up, or abort, while a session folds them."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, numpy_helper

from studio.engine.models.refusal import Refused

FOLDED = 2**28
"""Elements; more is folded into gigabytes before anything has run."""
READ = 4096

Values = dict[str, NDArray[np.generic]]
Sizes = dict[str, int]


def check_constants(path: Path, graph: GraphProto) -> None:
    """Refused where constants grow beyond 2^28 elements, or a Resize has a scale that is not a positive number."""
    values: Values = {tensor.name: _read(tensor) for tensor in graph.initializer if _readable(tensor)}
    sizes: Sizes = {tensor.name: math.prod(tensor.dims) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            _note_constant(node, values, sizes)
        elif node.op_type in ("Resize", "Upsample"):
            _check_scales(path, node, values)
        _check_size(path, node, values, sizes)


def _readable(tensor: TensorProto) -> bool:
    plain = tensor.data_location != TensorProto.EXTERNAL and not tensor.external_data and tensor.data_type != TensorProto.STRING
    return plain and math.prod(tensor.dims) <= READ


def _read(tensor: TensorProto) -> NDArray[np.generic]:
    try:
        return numpy_helper.to_array(tensor)
    except (ValueError, TypeError):
        return np.empty(0)


def _note_constant(node: NodeProto, values: Values, sizes: Sizes) -> None:
    for attribute in node.attribute:
        if attribute.name == "value" and _readable(attribute.t):
            values[node.output[0]] = _read(attribute.t)
        elif attribute.name in ("value_float", "value_floats", "value_int", "value_ints"):
            found = {
                "value_float": [attribute.f],
                "value_floats": attribute.floats,
                "value_int": [attribute.i],
                "value_ints": attribute.ints,
            }
            values[node.output[0]] = np.array(list(found[attribute.name]))
        sizes[node.output[0]] = math.prod(attribute.t.dims)


def _check_scales(path: Path, node: NodeProto, values: Values) -> None:
    named = node.input[2:3] if node.op_type == "Resize" and len(node.input) > 2 else node.input[1:2]
    scales = [np.asarray(values[name], np.float64) for name in named if name in values]
    scales += [np.array(attribute.floats) for attribute in node.attribute if attribute.name == "scales"]
    for scale in scales:
        if not (np.isfinite(scale) & (scale > 0) & (scale <= 1024)).all():
            raise Refused(
                "resize-scales", path, f"it enlarges by {[float(s) for s in scale.ravel()[:4]]}, which aborts onnxruntime"
            )


def _check_size(path: Path, node: NodeProto, values: Values, sizes: Sizes) -> None:
    if node.op_type == "Constant" or not node.output or not all(name in sizes for name in node.input if name):
        return
    known = [sizes[name] for name in node.input if name]
    size = _GROWING.get(node.op_type, _largest)(node, known, values)
    if size > FOLDED:
        raise Refused(
            "constant-size", path, f"its constants grow to {size:.3g} elements in '{node.op_type}', more than {FOLDED:,}"
        )
    sizes.update(dict.fromkeys(node.output, size))


def _largest(node: NodeProto, known: list[int], values: Values) -> int:
    return max(known, default=0)


def _sum(node: NodeProto, known: list[int], values: Values) -> int:
    return sum(known)


def _filled(node: NodeProto, known: list[int], values: Values) -> int:
    shape = values.get(node.input[-1])
    return _product(shape) if shape is not None else 0


def _tiled(node: NodeProto, known: list[int], values: Values) -> int:
    repeats = values.get(node.input[1])
    return known[0] * _product(repeats) if repeats is not None else 0


def _drawn(node: NodeProto, known: list[int], values: Values) -> int:
    return next((math.prod(attribute.ints) for attribute in node.attribute if attribute.name == "shape"), 0)


def _product(shape: NDArray[np.generic]) -> int:
    return math.prod(abs(int(size)) for size in shape.ravel()[:64].tolist())


_GROWING: dict[str, Callable[[NodeProto, list[int], Values], int]] = {
    "Concat": _sum, "ConstantOfShape": _filled, "Expand": _filled, "Tile": _tiled,
    "RandomNormal": _drawn, "RandomUniform": _drawn,
}  # fmt: skip
