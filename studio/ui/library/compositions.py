"""Graphs that the library makes of models: one opened, several compared."""

from collections.abc import Sequence

from studio.engine.engine import ModelInfo
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.ui.arena.recipe import count

MOST_COMPARED = 4


def opened(model: ModelInfo) -> Graph:
    """A model, noise and samples."""
    return _branch(Graph(), model, 0)


def compared(models: Sequence[ModelInfo]) -> Graph:
    """Samples of two to four models from one seed, side by side."""
    graph = Graph()
    for row, model in enumerate(models[:MOST_COMPARED]):
        graph = _branch(graph, model, row)
    graph = graph.add(GraphNode(id="compare", type="compare", position=(912.0, 216.0)))
    for row, port in zip(range(len(models)), "abcd", strict=False):
        graph = graph.connect(Link(source=_id("sample", row), output="samples", target="compare", input=port))
    return graph


def _branch(graph: Graph, model: ModelInfo, row: int) -> Graph:
    named, noise, sample = (_id(type, row) for type in ("model", "noise", "sample"))
    top = row * 504.0
    nodes = (
        GraphNode(id=named, type="model", values={"model": model.reference}, position=(0.0, top)),
        GraphNode(id=noise, type="noise", values={"seed": 0, "count": count(model.card)}, position=(288.0, top + 120)),
        GraphNode(id=sample, type="sample", position=(576.0, top)),
    )
    links = (
        Link(source=named, output="model", target=noise, input="model"),
        Link(source=named, output="model", target=sample, input="model"),
        Link(source=noise, output="latent", target=sample, input="noise"),
    )
    return graph.model_copy(update={"nodes": (*graph.nodes, *nodes), "links": (*graph.links, *links)})


def _id(type: str, row: int) -> str:
    return type if row == 0 else f"{type}-{row + 1}"
