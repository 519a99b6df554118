"""Where a node's inputs come from."""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from studio.api.node import Node
from studio.engine.graph.document import Graph
from studio.engine.graph.order import order


def lineage(graph: Graph, node: str, nodes: Mapping[str, Node]) -> dict[str, JsonValue]:
    """The part of `graph` that leads to `node`, the models in it and the first seed: "graph", "models" and "seed"."""
    needed = order(graph, [node]).nodes
    ids = {needed.id for needed in needed}
    part = Graph(nodes=needed, links=tuple(link for link in graph.links if link.target in ids))
    settled = [(nodes[node.type], node.values) for node in needed if node.type in nodes]
    models = dict.fromkeys(reference for code, values in settled if (reference := _model(code, values)))
    seeds = [
        values.get("seed", parameter.default)
        for code, values in settled
        for parameter in code.type.parameters
        if parameter.name == "seed"
    ]
    return {"graph": part.model_dump(mode="json"), "models": list(models), "seed": seeds[0] if seeds else None}


def _model(code: Node, values: Mapping[str, Any]) -> str:
    gives = any(port.kind == "model" for port in code.type.outputs)
    return str(values.get("model", "")) if gives else ""
