"""The graph as items: what an edit changed is rebuilt, everything else stays."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtWidgets import QGraphicsScene, QWidget

from studio.engine.graph.document import Graph, Link
from studio.ui.graph.geometry import curve, end_of
from studio.ui.graph.link_item import LinkItem
from studio.ui.graph.linking import End
from studio.ui.graph.look import Look
from studio.ui.graph.node_item import NodeItem
from studio.ui.graph.outcome import IDLE, Outcome


class GraphScene(QGraphicsScene):
    """One item per node and per link."""

    moved = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look = look
        self.graph = Graph()
        self.nodes: dict[str, NodeItem] = {}
        self.links: dict[Link, LinkItem] = {}
        self._around: defaultdict[str, set[Link]] = defaultdict(set)
        self._outcomes: Mapping[str, Outcome] = {}

    def show_graph(self, graph: Graph) -> None:
        """Make the items those of `graph`."""
        self.graph = graph
        self._drop(graph)
        faces = self.look.faces(graph)
        for node in graph.nodes:
            if node.id not in self.nodes:
                self._place(NodeItem(node.id, self.look, faces[node.id]))
            self.nodes[node.id].show_node(node, faces[node.id])
        for link, colour in self.look.link_colours(graph).items():
            if link not in self.links:
                self._run(link)
            self.links[link].take_colour(colour)
        self.route(self.nodes)

    def _drop(self, graph: Graph) -> None:
        links, nodes = set(graph.links), {node.id for node in graph.nodes}
        for link in [link for link in self.links if link not in links]:
            self.removeItem(self.links.pop(link))
            self._around[link.source].discard(link)
            self._around[link.target].discard(link)
        for id in [id for id in self.nodes if id not in nodes]:
            self.removeItem(self.nodes.pop(id))

    def _place(self, item: NodeItem) -> None:
        self.nodes[item.id] = item
        self.addItem(item)

    def refresh(self, look: Look) -> None:
        """Show everything anew: other node types, models or colours."""
        self.look = look
        self.show_graph(self.graph)
        for item in self.nodes.values():
            item.refresh()
        self.update()

    def _run(self, link: Link) -> None:
        self.links[link] = LinkItem(link)
        self.addItem(self.links[link])
        self._around[link.source].add(link)
        self._around[link.target].add(link)

    def show_outcomes(self, outcomes: Mapping[str, Outcome]) -> None:
        """Show what is known of each node's execution; only what differs is painted again."""
        self._outcomes = outcomes
        for id, item in self.nodes.items():
            item.show_outcome(outcomes.get(id, IDLE))

    def node_moved(self, id: str) -> None:
        """Called by an item that was moved."""
        self.route([id])
        self.moved.emit()

    def route(self, ids: Collection[str]) -> None:
        """Draw the links of some nodes anew."""
        for link in set[Link]().union(*(self._around[id] for id in ids)):
            start = self.port_position(End(link.source, link.output, True))
            finish = self.port_position(End(link.target, link.input, False))
            self.links[link].follow(curve(start, finish))

    def port_position(self, end: End) -> QPointF:
        """Where a port lies in the scene; the node's corner where there is no such port."""
        item = self.nodes[end.node]
        return item.pos() + item.layout.ports.get((end.port, end.output), QPointF())

    def end_at(self, point: QPointF) -> End | None:
        """The port within reach of `point`, of the topmost node."""
        for item in sorted(self.nodes.values(), key=lambda item: item.isSelected(), reverse=True):
            key = item.layout.port_at(point - item.pos()) if item.sceneBoundingRect().contains(point) else None
            if key is not None:
                return end_of(item.id, key)
        return None

    def light_up(self, ends: Collection[End] | None) -> None:
        """Mark the ports that a dragged link may go to; None when no link is dragged."""
        for item in self.nodes.values():
            item.light_up(None if ends is None else {(end.port, end.output) for end in ends if end.node == item.id})

    def selected(self) -> list[str]:
        """The ids of the selected nodes, in the order of the graph."""
        return [id for id, item in self.nodes.items() if item.isSelected()]

    def select(self, ids: Collection[str]) -> None:
        """Select these nodes and nothing else."""
        self.clearSelection()
        for id in ids:
            self.nodes[id].setSelected(True)

    def extent(self) -> QRectF:
        """Around all nodes; empty where there are none."""
        whole = QRectF()
        for item in self.nodes.values():
            whole = whole.united(item.sceneBoundingRect())
        return whole
