"""Calls of networks in what was traced, replaced by the networks' own graphs."""

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import onnx
from onnx import GraphProto, NodeProto, TensorProto, helper

from studio.engine.models.cutting import renamed
from studio.engine.models.names import WEIGHTS
from studio.engine.models.refusal import Refused

GetGraph = Callable[[str], GraphProto]


def inline(traced: GraphProto, domain: str, name: str, get: GetGraph, share: Callable[[GraphProto], None]) -> None:
    """Put the nodes of a network in the place of each call, and its weights into `traced` once.

    Args:
        domain: of the calls; their attribute `name` says which network is called, "inputs" and "outputs" how its graph calls
            what goes in and comes out.
        get: the graph of a network.
        share: moves the weights of a graph to where they stay.
    """
    graphs = dict[str, GraphProto]()
    nodes = list[NodeProto]()
    for node in traced.node:
        if node.domain != domain:
            nodes.append(node)
            continue
        (called,) = _texts(node, name)
        if called not in graphs:
            graphs[called] = get(called)
            share(graphs[called])
            _name_after(graphs[called], called)
            traced.initializer.extend(graphs[called].initializer)
        nodes += _body(graphs[called], node)
    del traced.node[:]
    traced.node.extend(nodes)


def read_graph(file: Path) -> GraphProto:
    """The graph in a file with its weights, whose places were looked at before.

    Raises:
        Refused: nothing in it makes one of its outputs.
    """
    graph = onnx.load(str(file), load_external_data=False).graph
    made = {value for node in graph.node for value in node.output}
    if idle := [value.name for value in graph.output if value.name not in made]:
        raise Refused("idle-output", file, f"nothing in it makes its output '{idle[0][:80]}'")
    outside = [tensor for tensor in graph.initializer if tensor.data_location == TensorProto.EXTERNAL]
    if outside:
        with file.with_name(WEIGHTS).open("rb") as weights:
            for tensor in outside:
                places = {entry.key: entry.value for entry in tensor.external_data}
                weights.seek(int(places.get("offset", 0)))
                tensor.raw_data = weights.read(_size(tensor))
                tensor.data_location = TensorProto.DEFAULT
                del tensor.external_data[:]
    return graph


def _size(tensor: TensorProto) -> int:
    return math.prod(tensor.dims) * helper.tensor_dtype_to_np_dtype(tensor.data_type).itemsize


def _name_after(graph: GraphProto, name: str) -> None:
    own = {tensor.name for tensor in graph.initializer}
    rename = lambda value: f"{name}/{value}" if value in own else value  # noqa: E731
    nodes = [renamed(node, rename) for node in graph.node]
    for tensor in graph.initializer:
        tensor.name = rename(tensor.name)
    del graph.node[:]
    graph.node.extend(nodes)


def _body(graph: GraphProto, call: NodeProto) -> Iterator[NodeProto]:
    """Its nodes with the values of one call."""
    weights = {tensor.name for tensor in graph.initializer}
    names = dict(zip(_texts(call, "inputs"), call.input, strict=True))
    names |= dict(zip(_texts(call, "outputs"), call.output, strict=True))
    place = call.output[0]
    rename = lambda value: names.get(value, value if value in weights or not value else f"{place}/{value}")  # noqa: E731
    return (renamed(node, rename) for node in graph.node)


def _texts(node: NodeProto, name: str) -> list[str]:
    attribute = next(attribute for attribute in node.attribute if attribute.name == name)
    return [text.decode() for text in (attribute.strings or [attribute.s])]
