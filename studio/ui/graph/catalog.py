"""The node types that are installed, and a stand-in for one that is not."""

from collections.abc import Iterable, Mapping

from studio.api.node import NodeType, fits
from studio.api.sampler import Port
from studio.engine.graph.document import Graph, GraphNode, Link


class Catalog:
    """Node types by id, and the titles of data sets by theirs.

    A node of an unknown type gets a placeholder: its ports are those that its links use, and nothing new fits them.
    """

    def __init__(self, types: Iterable[NodeType] = (), datasets: Mapping[str, str] | None = None) -> None:
        self.types = {type.id: type for type in types}
        self.datasets = datasets or {}

    def __contains__(self, node: GraphNode) -> bool:
        return node.type in self.types

    def of(self, graph: Graph, node: GraphNode) -> NodeType:
        """The type of `node`, or its placeholder."""
        return self.types.get(node.type) or _placeholder(graph, node)

    def kinds(self, graph: Graph, link: Link) -> tuple[Port | None, Port | None]:
        """The output and the input port of a link, None for what is not there."""
        nodes = {node.id: node for node in graph.nodes}
        source, target = nodes.get(link.source), nodes.get(link.target)
        output = source and port_named(self.of(graph, source).outputs, link.output)
        return output, target and port_named(self.of(graph, target).inputs, link.input)

    def fitting(self, port: Port, output: bool) -> list[NodeType]:
        """The types a link from `port` could go to (or come from, where `port` is an input)."""
        return [type for type in self.types.values() if first_fit(type, port, output)]

    def searched(self, words: str, among: Iterable[NodeType] | None = None) -> list[NodeType]:
        """The types that have every word in their title, category or summary; titles that begin with them come first."""
        wanted = words.lower().split()
        offered = self.types.values() if among is None else among
        found = [type for type in offered if all(word in _text(type) for word in wanted)]
        return sorted(found, key=lambda type: (not type.title.lower().startswith(" ".join(wanted)), type.category, type.title))


def numbered(catalog: Catalog, graph: Graph, node: GraphNode) -> str:
    """The node's title, with its number where it is not the first of its type: "Sample 2"."""
    number = node.id.removeprefix(f"{node.type}-")
    return f"{catalog.of(graph, node).title} {number if number != node.id else ''}".strip()


def port_named(ports: Iterable[Port], name: str) -> Port | None:
    """The port called `name`, or None."""
    return next((port for port in ports if port.name == name), None)


def first_fit(type: NodeType, port: Port, output: bool) -> Port | None:
    """The first port of `type` that a link from `port` fits: an input where `port` is an output, and the other way round."""
    if output:
        return _best([other for other in type.inputs if fits(port.kind, other.kind)], port)
    return _best([other for other in type.outputs if fits(other.kind, port.kind)], port)


def _best(ports: list[Port], port: Port) -> Port | None:
    return next((other for other in ports if other.kind == port.kind), ports[0] if ports else None)


def _text(type: NodeType) -> str:
    return f"{type.title} {type.category} {type.summary} {type.id}".lower()


def _placeholder(graph: Graph, node: GraphNode) -> NodeType:
    inputs = dict.fromkeys(link.input for link in graph.links if link.target == node.id)
    outputs = dict.fromkeys(link.output for link in graph.links if link.source == node.id)
    return NodeType(
        id=node.type,
        title=node.type,
        summary="This node comes from a plugin that is not installed. It is kept as it is.",
        category="missing",
        inputs=tuple(Port(name=name, kind="any", optional=True) for name in inputs),
        outputs=tuple(Port(name=name, kind="any") for name in outputs),
        parameters=(),
        pure=False,
    )
