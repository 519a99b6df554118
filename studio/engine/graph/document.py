"""A graph as plain data; every edit gives a new graph, so undo keeps the old one."""

from typing import Self

from pydantic import Field, JsonValue

from studio.api.frozen import Frozen


class GraphNode(Frozen):
    """A node: its type's id, the values of its form, and where it lies on the canvas."""

    id: str
    type: str
    values: dict[str, JsonValue] = Field(default_factory=dict)
    position: tuple[float, float] = (0.0, 0.0)


class Link(Frozen):
    """From output port `output` of node `source` to input port `input` of node `target`."""

    source: str
    output: str
    target: str
    input: str


class Graph(Frozen):
    """Nodes and links; `version` is that of the file format."""

    version: int = 1
    nodes: tuple[GraphNode, ...] = ()
    links: tuple[Link, ...] = ()

    def node(self, id: str) -> GraphNode:
        """The node called `id`; KeyError where there is none."""
        return {node.id: node for node in self.nodes}[id]

    def add(self, node: GraphNode) -> Self:
        """With one more node."""
        return self.model_copy(update={"nodes": (*self.nodes, node)})

    def remove(self, id: str) -> Self:
        """Without a node and its links."""
        nodes = tuple(node for node in self.nodes if node.id != id)
        links = tuple(link for link in self.links if id not in (link.source, link.target))
        return self.model_copy(update={"nodes": nodes, "links": links})

    def replace(self, node: GraphNode) -> Self:
        """With the node of the same id replaced."""
        return self.model_copy(update={"nodes": tuple(node if old.id == node.id else old for old in self.nodes)})

    def connect(self, link: Link) -> Self:
        """With a link; an input takes one link, so the old one goes."""
        links = tuple(old for old in self.links if (old.target, old.input) != (link.target, link.input))
        return self.model_copy(update={"links": (*links, link)})

    def disconnect(self, link: Link) -> Self:
        """Without a link."""
        return self.model_copy(update={"links": tuple(old for old in self.links if old != link)})
