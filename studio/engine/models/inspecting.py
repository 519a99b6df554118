"""Looking at an ONNX file without running it: a bounded walk by named rules, before onnxruntime or a checker may see it.

Measured: 150 bytes can abort the process inside session creation, 2 KB can hang it for ever, and a hard link to any file is
read as weights. Neither can be caught there, so it is refused here.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from google.protobuf.message import DecodeError
from onnx import FunctionProto, GraphProto, ModelProto, NodeProto, TensorProto

from studio.engine.models.constants import check_constants
from studio.engine.models.cutting import subgraphs
from studio.engine.models.names import WEIGHTS
from studio.engine.models.refusal import Refused
from studio.engine.models.tensors import check_tensor

LARGEST = 2**31 - 1
LARGEST_CARD = 16 * 2**20
IR_VERSIONS = range(3, 14)
OPSETS = {"": range(7, 27), "ai.onnx": range(7, 27), "ai.onnx.ml": range(1, 6)}
NODES = 200_000
EXPANDED = 1_000_000
DEPTH = 16


@dataclass(frozen=True)
class Summary:
    """What a file holds: nodes after expansion, opset, names of inputs and outputs, metadata."""

    nodes: int
    opset: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    metadata: dict[str, str] = field(default_factory=dict)


def inspect(path: Path, *, trusted: bool = False) -> Summary:
    """Walk through an ONNX file; it may use "weights.bin" beside it and nothing else.

    Args:
        trusted: the file lies where only the studio and installers write, and installers do make hard links.

    Raises:
        Refused: a rule is broken; it is named.
    """
    model = _parse(path, read_regular(path, LARGEST, trusted=trusted))
    _check_versions(path, model)
    weights = _weights_size(path, trusted)
    graphs = list(_graphs(path, model))
    nodes = [node for graph in graphs for node in graph.node] + [node for function in model.functions for node in function.node]
    if len(nodes) > NODES:
        raise Refused("node-count", path, f"it has {len(nodes):,} nodes, more than {NODES:,}")
    _check_domains(path, model, nodes)
    for tensor in _tensors(graphs, nodes):
        check_tensor(path, tensor, weights)
    for graph in graphs:
        check_constants(path, graph)
    expanded = count_expanded(path, model)
    opset = next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 0)
    inputs, outputs = (tuple(value.name for value in values) for values in (model.graph.input, model.graph.output))
    return Summary(expanded, opset, inputs, outputs, {entry.key: entry.value for entry in model.metadata_props})


def read_regular(path: Path, largest: int, *, trusted: bool = False) -> bytes:
    """The bytes of a plain file with one name, of at most `largest` bytes; never waits on a pipe, never follows a link."""
    try:
        descriptor = os.open(
            path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        )
    except OSError as error:
        raise Refused("regular-file", path, f"it cannot be opened as a plain file ({error.strerror})") from None
    try:
        _check_status(path, os.fstat(descriptor), largest, trusted)
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(largest + 1)
    finally:
        os.close(descriptor)


def check_regular(path: Path, largest: int, *, trusted: bool = False) -> int:
    """The size of a plain file with one name; Refused where it is something else."""
    status = path.lstat()
    _check_status(path, status, largest, trusted)
    return status.st_size


def _check_status(path: Path, status: os.stat_result, largest: int, trusted: bool) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise Refused("regular-file", path, "it is a link, a folder, a pipe or a device, not a plain file")
    if status.st_nlink != 1 and not trusted:
        raise Refused(
            "one-name", path, f"it is a hard link with {status.st_nlink} names, so it may be any file of yours. Copy it first"
        )
    if status.st_size > largest:
        raise Refused("file-size", path, f"it has {status.st_size:,} bytes, more than {largest:,}")


def _parse(path: Path, data: bytes) -> ModelProto:
    try:
        model = ModelProto.FromString(data)
    except (DecodeError, RecursionError):
        raise Refused("format", path, "it is no ONNX model, or nested too deeply") from None
    if not model.ByteSize() or not model.HasField("graph") or not model.opset_import:
        raise Refused("format", path, "it holds no graph")
    return model


def _check_versions(path: Path, model: ModelProto) -> None:
    if model.ir_version not in IR_VERSIONS:
        raise Refused(
            "ir-version", path, f"its IR version is {model.ir_version}; {IR_VERSIONS[0]} to {IR_VERSIONS[-1]} can be read"
        )
    local = {function.domain for function in model.functions}
    imports = [*model.opset_import, *(entry for function in model.functions for entry in function.opset_import)]
    for entry in imports:
        if entry.domain not in OPSETS and entry.domain not in local:
            raise Refused("domain", path, f"it needs operators of '{entry.domain[:80]}', which are not built in")
        if entry.domain in OPSETS and entry.version not in OPSETS[entry.domain]:
            raise Refused("opset", path, f"it needs opset {entry.version} of '{entry.domain or 'ai.onnx'}'")


def _weights_size(path: Path, trusted: bool) -> int | None:
    weights = path.with_name(WEIGHTS)
    if not weights.exists() and not weights.is_symlink():
        return None
    return check_regular(weights, 2**40, trusted=trusted)


def _graphs(path: Path, model: ModelProto) -> Iterator[GraphProto]:
    waiting = [(model.graph, 0)]
    waiting += [(graph, 1) for function in model.functions for node in function.node for graph in subgraphs(node)]
    while waiting:
        graph, depth = waiting.pop()
        if depth > DEPTH:
            raise Refused("nesting", path, f"its graphs are nested more than {DEPTH} deep")
        yield graph
        waiting += [(inner, depth + 1) for node in graph.node for inner in subgraphs(node)]


def _check_domains(path: Path, model: ModelProto, nodes: list[NodeProto]) -> None:
    local = {(function.domain, function.name) for function in model.functions}
    for node in nodes:
        if node.domain not in OPSETS and (node.domain, node.op_type) not in local:
            raise Refused("domain", path, f"it uses '{node.domain[:80]}:{node.op_type[:80]}', which is not built in")


def _tensors(graphs: list[GraphProto], nodes: list[NodeProto]) -> Iterator[TensorProto]:
    for graph in graphs:
        yield from graph.initializer
        for sparse in graph.sparse_initializer:
            yield from (sparse.values, sparse.indices)
    for node in nodes:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)


def count_expanded(path: Path, model: ModelProto) -> int:
    """How many nodes there are when every call of a function is replaced by its body."""
    functions = {(function.domain, function.name): function for function in model.functions}
    sizes = dict[tuple[str, str], int]()
    for key in functions:
        _size(path, key, functions, sizes)
    total = sum(sizes.get((node.domain, node.op_type), 1) for node in _all_nodes(model.graph.node))
    if total > EXPANDED:
        raise Refused("function-expansion", path, f"its functions unfold into {total:,} nodes, more than {EXPANDED:,}")
    return total


def _size(
    path: Path, start: tuple[str, str], functions: dict[tuple[str, str], FunctionProto], sizes: dict[tuple[str, str], int]
) -> None:
    """Fill in the size of a function and of those it calls, without recursion."""
    stack = [start]
    while stack:
        key = stack[-1]
        calls = [(node.domain, node.op_type) for node in _all_nodes(functions[key].node)]
        open_calls = [call for call in dict.fromkeys(calls) if call in functions and call not in sizes]
        if key in sizes:
            stack.pop()
        elif not open_calls:
            sizes[stack.pop()] = sum(sizes.get(call, 1) for call in calls)
        elif open_calls[0] in stack:
            raise Refused("function-cycle", path, f"its function '{open_calls[0][1][:80]}' calls itself")
        else:
            stack.append(open_calls[0])


def _all_nodes(nodes: "Iterator[NodeProto] | list[NodeProto] | object") -> Iterator[NodeProto]:
    waiting = list(nodes)  # pyright: ignore[reportArgumentType]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [inner for graph in subgraphs(node) for inner in graph.node]
