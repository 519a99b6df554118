"""What is wrong with a graph's structure, node by node, in words."""

from collections import Counter
from collections.abc import Mapping

from studio.api.errors import StudioError
from studio.api.node import Node, fits
from studio.api.sampler import Port, PortKind
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.engine.graph.order import Order, order


def check(graph: Graph, nodes: Mapping[str, Node]) -> dict[str, str]:
    """What is wrong, by node id; empty where the graph can run.

    Raises:
        StudioError: two nodes have one id.
    """
    refuse_twins(graph)
    return faults(order(graph), nodes)


def faults(ordered: Order, nodes: Mapping[str, Node]) -> dict[str, str]:
    """What is wrong with the nodes of `ordered`, by node id."""
    present = {node.id: node for node in ordered.nodes}
    found = {id: _in_ring(ring) for ring in ordered.rings for id in ring}
    for node in ordered.nodes:
        if node.id not in found and (wrong := _fault(node, ordered.feeding[node.id], present, nodes)):
            found[node.id] = wrong
    return found


def refuse_twins(graph: Graph) -> None:
    """Raise StudioError where two nodes have one id."""
    for id, count in Counter(node.id for node in graph.nodes).items():
        if count > 1:
            raise StudioError(f"The graph has {count} nodes called '{id}'. Rename all but one.")


def _in_ring(ring: tuple[str, ...]) -> str:
    return f"These nodes feed each other in a ring: {' → '.join((*ring, ring[0]))}. Remove one of the links."


def _fault(node: GraphNode, links: list[Link], present: Mapping[str, GraphNode], nodes: Mapping[str, Node]) -> str:
    if node.type not in nodes:
        return f"There is no node type '{node.type}'. Install the plugin that it comes from, or remove the node."
    inputs = {port.name: port for port in nodes[node.type].type.inputs}
    linked = [link.input for link in links]
    if twice := next((name for name in linked if linked.count(name) > 1), ""):
        return f"More than one link goes into '{twice}'. Remove all but one."
    if missing := next((port for port in inputs.values() if not port.optional and port.name not in linked), None):
        return f"Nothing is linked to '{missing.name}', which this node needs. Link {_a(missing.kind)} to it."
    return next(filter(None, (_link_fault(link, inputs, present, nodes) for link in links)), "")


def _link_fault(link: Link, inputs: Mapping[str, Port], present: Mapping[str, GraphNode], nodes: Mapping[str, Node]) -> str:
    if link.input not in inputs:
        return f"It has no input '{link.input}'; it has {', '.join(inputs) or 'none'}. Remove the link."
    if link.source not in present:
        return f"'{link.input}' is linked to a node '{link.source}', which is not there. Remove the link."
    source = nodes.get(present[link.source].type)
    if source is None:
        return ""
    kinds: dict[str, PortKind] = {port.name: port.kind for port in source.type.outputs}
    if link.output not in kinds:
        return f"'{link.source}' has no output '{link.output}'; it has {', '.join(kinds) or 'none'}. Remove the link."
    target = inputs[link.input].kind
    if not fits(kinds[link.output], target):
        return f"'{link.input}' takes {_a(target)}, and '{link.source}' gives {_a(kinds[link.output])}. Link something else."
    return ""


def _a(kind: str) -> str:
    if kind in ("samples", "text", "audio", "points"):
        return kind
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}" if kind != "any" else "anything"
