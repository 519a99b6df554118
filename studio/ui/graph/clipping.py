"""Pieces of a graph: cut out, carried over the clipboard and put in again under fresh ids."""

from collections.abc import Collection, Iterable, Mapping

from studio.engine.graph.document import Graph, GraphNode, Link


def fresh_id(type: str, taken: Collection[str]) -> str:
    """An id for a new node that is not in `taken`: "sample", "sample-2", "sample-3" …"""
    count = 1
    while (id := type if count == 1 else f"{type}-{count}") in taken:
        count += 1
    return id


def cut_out(graph: Graph, ids: Collection[str], *, fed: bool = False) -> Graph:
    """The nodes called `ids` and the links among them; with `fed` also the links into them from outside."""
    nodes = tuple(node for node in graph.nodes if node.id in ids)
    links = tuple(link for link in graph.links if link.target in ids and (fed or link.source in ids))
    return graph.model_copy(update={"nodes": nodes, "links": links})


def put_in(graph: Graph, piece: Graph, offset: tuple[float, float]) -> tuple[Graph, tuple[str, ...]]:
    """`graph` with `piece` added, moved by `offset`, and the ids that its nodes were given.

    Links whose source is not in the piece keep it where the graph has such a node.
    """
    names = _rename(piece.nodes, {node.id for node in graph.nodes})
    nodes = tuple(_moved(node, names[node.id], offset) for node in piece.nodes)
    known = {node.id for node in graph.nodes}
    links = tuple(_renamed(link, names) for link in piece.links if link.source in names or link.source in known)
    whole = graph.model_copy(update={"nodes": (*graph.nodes, *nodes), "links": (*graph.links, *links)})
    return whole, tuple(names.values())


def _rename(nodes: Iterable[GraphNode], taken: set[str]) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in nodes:
        names[node.id] = fresh_id(node.type, taken)
        taken = taken | {names[node.id]}
    return names


def _moved(node: GraphNode, id: str, offset: tuple[float, float]) -> GraphNode:
    x, y = node.position
    return node.model_copy(update={"id": id, "position": (x + offset[0], y + offset[1])})


def _renamed(link: Link, names: Mapping[str, str]) -> Link:
    return link.model_copy(update={"source": names.get(link.source, link.source), "target": names[link.target]})
