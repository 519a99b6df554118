"""One traced graph, cut into the graphs it is made of by what each output needs."""

from collections.abc import Callable, Iterable, Mapping

from onnx import AttributeProto, GraphProto, NodeProto, ValueInfoProto

Rename = Callable[[str], str]


def cut(graph: GraphProto, name: str, inputs: Mapping[str, str], outputs: Mapping[str, str]) -> GraphProto:
    """The part of `graph` that `outputs` need, as a graph of its own; inputs that nothing needs are left out.

    Args:
        inputs: the part's inputs, by their names in `graph`, with their names in the part.
        outputs: the same for its outputs.
    """
    part = GraphProto(name=name)
    nodes = _needed(graph, set(outputs))
    used = {value for node in nodes for value in reads(node)} | set(outputs)
    names = {**inputs, **outputs}
    rename: Rename = lambda value: names.get(value, f"{name}/{value}" if value else "")  # noqa: E731
    part.node.extend(renamed(node, rename) for node in nodes)
    for tensor in graph.initializer:
        if tensor.name in used:
            part.initializer.add().CopyFrom(tensor)
            part.initializer[-1].name = rename(tensor.name)
    part.input.extend(_renamed_value(value, rename) for value in graph.input if value.name in inputs and value.name in used)
    part.output.extend(_renamed_value(value, rename) for value in graph.output if value.name in outputs)
    return part


def _needed(graph: GraphProto, wanted: set[str]) -> list[NodeProto]:
    nodes = list[NodeProto]()
    for node in reversed(graph.node):
        if wanted.intersection(node.output):
            nodes.append(node)
            wanted |= reads(node)
    return nodes[::-1]


def reads(node: NodeProto) -> set[str]:
    """The names of the values a node takes, those that its subgraphs capture included."""
    captured = {value for graph in subgraphs(node) for value in _captured(graph)}
    return {value for value in node.input if value} | captured


def _captured(graph: GraphProto) -> set[str]:
    own = {value.name for value in graph.input} | {tensor.name for tensor in graph.initializer}
    own |= {value for node in graph.node for value in node.output}
    return ({value for node in graph.node for value in reads(node)} | {value.name for value in graph.output}) - own


def subgraphs(node: NodeProto) -> Iterable[GraphProto]:
    """The bodies of a Loop, Scan or If."""
    for attribute in node.attribute:
        if attribute.type == AttributeProto.GRAPH:
            yield attribute.g
        yield from attribute.graphs


def renamed(node: NodeProto, rename: Rename) -> NodeProto:
    """A copy of a node with its values renamed, also in its subgraphs, and without the exporter's notes on it."""
    copy = NodeProto()
    copy.CopyFrom(node)
    del copy.metadata_props[:]
    copy.doc_string = ""
    copy.name = rename(node.name)
    copy.input[:] = [rename(value) for value in node.input]
    copy.output[:] = [rename(value) for value in node.output]
    for graph in subgraphs(copy):
        _rename_graph(graph, rename)
    return copy


def _rename_graph(graph: GraphProto, rename: Rename) -> None:
    nodes = [renamed(node, rename) for node in graph.node]
    del graph.node[:], graph.value_info[:]
    graph.node.extend(nodes)
    for value in (*graph.input, *graph.output, *graph.initializer):
        value.name = rename(value.name)


def _renamed_value(value: ValueInfoProto, rename: Rename) -> ValueInfoProto:
    copy = ValueInfoProto(name=rename(value.name))
    copy.type.CopyFrom(value.type)
    return copy


def same(a: GraphProto, b: GraphProto) -> bool:
    """Whether two graphs compute the same, whatever their inner values are called."""
    return _canonical(a) == _canonical(b)


def _canonical(graph: GraphProto) -> bytes:
    names = {value.name: value.name for value in (*graph.input, *graph.output)}
    rename: Rename = lambda value: names.setdefault(value, f"v{len(names)}") if value else ""  # noqa: E731
    plain = GraphProto()
    for node in graph.node:
        copy = renamed(node, rename)
        copy.name = ""
        plain.node.append(copy)
    for tensor in graph.initializer:
        plain.initializer.add().CopyFrom(tensor)
        plain.initializer[-1].name = rename(tensor.name)
    return plain.SerializeToString(deterministic=True)
