"""An editing session over one immutable graph: every edit is a named step that can be undone."""

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from studio.api.errors import StudioError
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.ui.graph.catalog import Catalog, first_fit, port_named
from studio.ui.graph.clipping import cut_out, fresh_id, put_in
from studio.ui.graph.linking import End, Refusal, between, refusal

Position = tuple[float, float]
MERGE_WITHIN = 1.0
KEPT_STEPS = 500


@dataclass(frozen=True)
class Step:
    """A state of the graph and the edit that led to it; edits of one `merge` key that follow each other are one step."""

    text: str
    graph: Graph
    merge: str = ""
    time: float = 0.0


class Editing:
    """A graph being edited.

    Args:
        catalog: the node types that may be added and linked.
        graph: where to start.
        clock: seconds; edits to be merged must come within a second of each other.
    """

    def __init__(self, catalog: Catalog, graph: Graph | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.catalog = catalog
        self._clock = clock
        self._listeners: list[Callable[[], None]] = []
        self._start(graph or Graph())

    def _start(self, graph: Graph) -> None:
        self._past = [Step("", graph)]
        self._future: list[Step] = []
        self._saved = graph

    @property
    def graph(self) -> Graph:
        """The graph as it is now."""
        return self._past[-1].graph

    @property
    def is_saved(self) -> bool:
        """Whether the graph is the one that was last opened or saved."""
        return self.graph == self._saved

    @property
    def undo_text(self) -> str:
        """What `undo` would take back, empty where there is nothing."""
        return self._past[-1].text if len(self._past) > 1 else ""

    @property
    def redo_text(self) -> str:
        """What `redo` would do again, empty where there is nothing."""
        return self._future[-1].text if self._future else ""

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change."""
        self._listeners.append(listener)

    def apply(self, text: str, graph: Graph, merge: str = "") -> None:
        """Make `graph` the current one, as the step called `text`."""
        if graph == self.graph:
            return
        now = self._clock()
        if self._merges(merge, now):
            self._past.pop()
        self._past = [*self._past, Step(text, graph, merge, now)][-KEPT_STEPS:]
        self._future.clear()
        self._tell()

    def _merges(self, merge: str, now: float) -> bool:
        last = self._past[-1]
        fresh = bool(merge) and last.merge == merge and now - last.time <= MERGE_WITHIN
        return fresh and not self._future and last.graph is not self._saved

    def undo(self) -> None:
        """Take the last step back."""
        if len(self._past) > 1:
            self._future.append(self._past.pop())
            self._tell()

    def redo(self) -> None:
        """Do again what was taken back."""
        if self._future:
            self._past.append(self._future.pop())
            self._tell()

    def mark_saved(self, graph: Graph | None = None) -> None:
        """Remember `graph` (the current one) as what is in the file."""
        self._saved = self.graph if graph is None else graph
        self._tell()

    def refresh(self, catalog: Catalog) -> None:
        """Use other node types, because plugins were reloaded."""
        self.catalog = catalog
        self._tell()

    def add(self, type: str, position: Position, wire: End | None = None, **values: JsonValue) -> str:
        """Add a node, linked to `wire` where one of its ports fits; returns the node's id.

        Raises:
            StudioError: there is no such node type.
        """
        if type not in self.catalog.types:
            raise StudioError(f"There is no node type '{type}'. Install the plugin it comes from.")
        node = GraphNode(id=fresh_id(type, self._ids()), type=type, values=values, position=position)
        graph = self.graph.add(node)
        link = wire and self._attached(graph, node, wire)
        self.apply(f"Add {self.catalog.types[type].title}", graph.connect(link) if link else graph)
        return node.id

    def _attached(self, graph: Graph, node: GraphNode, wire: End) -> Link | None:
        type = self.catalog.of(graph, graph.node(wire.node))
        port = port_named(type.outputs if wire.output else type.inputs, wire.port)
        fitting = port and first_fit(self.catalog.types[node.type], port, wire.output)
        end = fitting and End(node.id, fitting.name, not wire.output)
        return between(wire, end) if end and not refusal(graph, self.catalog, wire, end) else None

    def connect(self, a: End, b: End, instead_of: Link | None = None) -> Refusal | None:
        """Link two ports (moving the link `instead_of`); where that may not be, nothing changes and the reason is returned."""
        graph = self.graph.disconnect(instead_of) if instead_of else self.graph
        refused = refusal(graph, self.catalog, a, b)
        link = between(a, b)
        if refused or link is None:
            return refused
        self.apply("Connect", graph.connect(link))
        return None

    def disconnect(self, link: Link) -> None:
        """Take a link away."""
        self.apply("Disconnect", self.graph.disconnect(link))

    def remove(self, ids: Collection[str]) -> None:
        """Take nodes and their links away."""
        gone = self._ids().intersection(ids)
        nodes = tuple(node for node in self.graph.nodes if node.id not in gone)
        links = tuple(link for link in self.graph.links if not gone & {link.source, link.target})
        self.apply(f"Delete {_count(len(gone))}", self.graph.model_copy(update={"nodes": nodes, "links": links}))

    def move(self, positions: Mapping[str, Position]) -> None:
        """Put nodes elsewhere; successive moves of the same nodes are one step."""
        nodes = tuple(_placed(node, positions.get(node.id, node.position)) for node in self.graph.nodes)
        merge = "move " + " ".join(sorted(positions))
        self.apply(f"Move {_count(len(positions))}", self.graph.model_copy(update={"nodes": nodes}), merge)

    def set_value(self, id: str, name: str, value: JsonValue) -> None:
        """Set one value of a node's form; successive values are one step."""
        node = self.graph.node(id)
        changed = node.model_copy(update={"values": {**node.values, name: value}})
        self.apply(f"Set {name.replace('_', ' ')}", self.graph.replace(changed), f"set {id} {name}")

    def copy(self, ids: Collection[str]) -> Graph:
        """The nodes called `ids` with the links among them, to be carried elsewhere."""
        return cut_out(self.graph, ids)

    def paste(self, piece: Graph, offset: Position = (32.0, 32.0)) -> tuple[str, ...]:
        """Add a piece that was copied, under fresh ids, which are returned."""
        graph, ids = put_in(self.graph, piece, offset)
        self.apply(f"Paste {_count(len(ids))}", graph)
        return ids

    def duplicate(self, ids: Collection[str], offset: Position = (32.0, 32.0)) -> tuple[str, ...]:
        """Add copies that are fed by what feeds the originals; returns their ids."""
        graph, fresh = put_in(self.graph, cut_out(self.graph, ids, fed=True), offset)
        self.apply(f"Duplicate {_count(len(fresh))}", graph)
        return fresh

    def _ids(self) -> set[str]:
        return {node.id for node in self.graph.nodes}

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _placed(node: GraphNode, position: Position) -> GraphNode:
    return node if node.position == position else node.model_copy(update={"position": position})


def _count(nodes: int) -> str:
    return "1 node" if nodes == 1 else f"{nodes} nodes"
