"""Which links a graph allows, and in words why it refuses the others."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from studio.api.node import fits
from studio.engine.graph.document import Graph, Link
from studio.ui.graph.catalog import Catalog, port_named


@dataclass(frozen=True)
class End:
    """One port of one node: where a link starts or ends."""

    node: str
    port: str
    output: bool


@dataclass(frozen=True)
class Refusal:
    """A link that may not be: the reason by name, and for a person."""

    reason: Literal["same_node", "same_side", "kinds", "cycle", "missing"]
    text: str


def between(a: End, b: End) -> Link | None:
    """The link between two ends in the direction things flow; None where both give or both take."""
    if a.output == b.output:
        return None
    source, target = (a, b) if a.output else (b, a)
    return Link(source=source.node, output=source.port, target=target.node, input=target.port)


def refusal(graph: Graph, catalog: Catalog, a: End, b: End) -> Refusal | None:
    """Why `a` and `b` may not be linked; None where they may."""
    if a.node == b.node:
        return Refusal("same_node", "A node cannot feed itself.")
    link = between(a, b)
    if link is None:
        return Refusal("same_side", f"Both are {'outputs' if a.output else 'inputs'}: join an output to an input.")
    output, target = catalog.kinds(graph, link)
    if output is None or target is None or _is_missing(graph, catalog, link):
        return Refusal("missing", "That node's plugin is not installed, so it takes no new links.")
    if not fits(output.kind, target.kind):
        return Refusal("kinds", f"{target.name.capitalize()} takes {_article(target.kind)}, not {_article(output.kind)}.")
    if link.source in descendants(graph, link.target):
        return Refusal("cycle", "That would make a loop: the result would feed itself.")
    return None


def welcoming(graph: Graph, catalog: Catalog, end: End) -> list[End]:
    """Every port that a link from `end` may go to."""
    type = catalog.of(graph, graph.node(end.node))
    port = port_named(type.outputs if end.output else type.inputs, end.port)
    if port is None or type.id not in catalog.types:
        return []
    barred = {end.node} | (ancestors if end.output else descendants)(graph, end.node)
    nodes = [(node.id, catalog.types[node.type]) for node in graph.nodes if node in catalog and node.id not in barred]
    if end.output:
        return [End(id, other.name, False) for id, type in nodes for other in type.inputs if fits(port.kind, other.kind)]
    return [End(id, other.name, True) for id, type in nodes for other in type.outputs if fits(other.kind, port.kind)]


def descendants(graph: Graph, node: str) -> set[str]:
    """Every node that needs `node`, directly or not; without `node` itself unless the graph has a loop."""
    return set(_walk(graph, node, forward=True))


def ancestors(graph: Graph, node: str) -> set[str]:
    """Every node that `node` needs, directly or not."""
    return set(_walk(graph, node, forward=False))


def feeding(graph: Graph, node: str, port: str) -> Link | None:
    """The link into an input port, or None."""
    return next((link for link in graph.links if (link.target, link.input) == (node, port)), None)


def _walk(graph: Graph, node: str, forward: bool) -> Iterator[str]:
    beside: dict[str, list[str]] = defaultdict(list)
    for link in graph.links:
        near, far = (link.source, link.target) if forward else (link.target, link.source)
        beside[near].append(far)
    waiting, seen = list(beside[node]), set[str]()
    while waiting:
        reached = waiting.pop()
        if reached not in seen:
            seen.add(reached)
            yield reached
            waiting.extend(beside[reached])


def _is_missing(graph: Graph, catalog: Catalog, link: Link) -> bool:
    return any(node.id in (link.source, link.target) and node not in catalog for node in graph.nodes)


def _article(kind: str) -> str:
    plain = {"points": "points", "samples": "samples", "text": "text", "audio": "audio", "any": "anything"}
    return plain.get(kind) or f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
