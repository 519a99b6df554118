"""What nodes need: links that are missing, the model they are about, and which may run while the graph is edited."""

from collections import defaultdict

from studio.engine.graph.document import Graph, GraphNode
from studio.ui.graph.catalog import Catalog


def lacking(graph: Graph, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """For each node the input ports that must be linked and are not."""
    linked = {(link.target, link.input) for link in graph.links}
    return {
        node.id: tuple(
            port.name for port in catalog.of(graph, node).inputs if not port.optional and (node.id, port.name) not in linked
        )
        for node in graph.nodes
    }


def live_targets(graph: Graph, catalog: Catalog) -> list[str]:
    """The nodes that may run after each edit: complete, installed, without side effects, and fed by such nodes alone."""
    lacks = lacking(graph, catalog)
    barred = {node.id for node in graph.nodes if node not in catalog or not catalog.types[node.type].pure or lacks[node.id]}
    fresh = set(barred)
    while fresh:
        fresh = {link.target for link in graph.links if link.source in fresh} - barred
        barred |= fresh
    return [node.id for node in graph.nodes if node.id not in barred]


def model_references(graph: Graph, catalog: Catalog) -> dict[str, str]:
    """For each node the model it is about, where it is about one.

    That is the model it names, else the nearest it is fed by, else that of what it feeds.
    """
    found = {node.id: named for node in graph.nodes if (named := _named_model(catalog, node))}
    _spread(found, [(link.source, link.target) for link in graph.links])
    _spread(found, [(link.target, link.source) for link in graph.links])
    return found


def _spread(found: dict[str, str], ways: list[tuple[str, str]]) -> None:
    onward: defaultdict[str, list[str]] = defaultdict(list)
    for start, end in ways:
        onward[start].append(end)
    reached = list(found)
    while reached:
        further = [(start, end) for start in reached for end in onward[start] if end not in found]
        for start, end in further:
            found.setdefault(end, found[start])
        reached = list(dict.fromkeys(end for _, end in further))


def _named_model(catalog: Catalog, node: GraphNode) -> str:
    type = catalog.types.get(node.type)
    if type is None or not type.parameters or not any(port.kind == "model" for port in type.outputs):
        return ""
    first = type.parameters[0]
    return str(node.values.get(first.name, first.default))
