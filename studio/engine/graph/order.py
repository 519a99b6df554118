"""Which nodes are needed, in which order, and what feeds each of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from studio.engine.graph.document import Graph, GraphNode, Link


@dataclass(frozen=True)
class Order:
    """The nodes that some targets need, parents first.

    Attributes:
        nodes: in an order in which they can run; those of a ring, and what they feed, come last.
        feeding: the links into each node.
        rings: ids of nodes that feed each other in a ring, empty where there is none.
    """

    nodes: tuple[GraphNode, ...]
    feeding: dict[str, list[Link]]
    rings: tuple[tuple[str, ...], ...] = ()


def order(graph: Graph, targets: Collection[str] = ()) -> Order:
    """The nodes that `targets` (all where empty) need, sorted so that parents come first."""
    nodes = {node.id: node for node in graph.nodes}
    feeding: dict[str, list[Link]] = {id: [] for id in nodes}
    for link in graph.links:
        feeding.setdefault(link.target, []).append(link)
    needed = _closure(targets or nodes, nodes, feeding)
    waiting, done, rings = [id for id in nodes if id in needed], list[str](), list[tuple[str, ...]]()
    while waiting:
        done += _sorted(waiting, feeding)
        waiting = _without(waiting, done)
        if waiting:
            rings.append(_ring(waiting, feeding))
            done += rings[-1]
            waiting = _without(waiting, done)
    return Order(tuple(nodes[id] for id in done), feeding, tuple(rings))


def _without(ids: list[str], gone: Iterable[str]) -> list[str]:
    leaving = set(gone)
    return [id for id in ids if id not in leaving]


def _closure(targets: Iterable[str], nodes: Collection[str], feeding: dict[str, list[Link]]) -> set[str]:
    waiting, needed = [id for id in targets if id in nodes], set[str]()
    while waiting:
        id = waiting.pop()
        if id not in needed:
            needed.add(id)
            waiting.extend(link.source for link in feeding[id] if link.source in nodes)
    return needed


def _sorted(ids: list[str], feeding: dict[str, list[Link]]) -> list[str]:
    present = set(ids)
    missing = {id: len({link.source for link in feeding[id] if link.source in present}) for id in ids}
    fed: defaultdict[str, set[str]] = defaultdict(set)
    for id in ids:
        for link in feeding[id]:
            fed[link.source].add(id)
    ready, done = [id for id in reversed(ids) if not missing[id]], list[str]()
    places = {id: place for place, id in enumerate(ids)}
    while ready:
        done.append(id := ready.pop())
        for child in sorted(fed[id], key=places.__getitem__, reverse=True):
            missing[child] -= 1
            if not missing[child]:
                ready.append(child)
    return done


def _ring(stuck: list[str], feeding: dict[str, list[Link]]) -> tuple[str, ...]:
    among, path = set(stuck), [stuck[0]]
    while True:
        before = next(link.source for link in feeding[path[-1]] if link.source in among)
        if before in path:
            return tuple(reversed(path[path.index(before) :]))
        path.append(before)
