"""A graph made ready to run: every node with its settled values, its parents and its key, or with what is wrong with it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from studio.api.errors import StudioError
from studio.api.node import Node
from studio.api.params import settle
from studio.engine.attempt import Failure, attempt
from studio.engine.graph.check import faults, refuse_twins
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.engine.graph.keys import node_key
from studio.engine.graph.order import order


@dataclass(frozen=True)
class Ready:
    """A node about to run.

    Attributes:
        sources: the link into each input port.
        inputs: the key of what comes in by each input port.
        failure: what keeps it from running.
    """

    node: GraphNode
    code: Node | None
    sources: Mapping[str, Link]
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    identity: str = ""
    key: str = ""
    failure: Failure | None = None

    @property
    def id(self) -> str:
        """The node's id in its graph."""
        return self.node.id

    @property
    def pure(self) -> bool:
        """Whether its result may be kept."""
        return self.code is not None and self.code.type.pure


def prepare(graph: Graph, targets: Collection[str], nodes: Mapping[str, Node]) -> list[Ready]:
    """The nodes that `targets` (all where empty) need, parents first.

    Raises:
        StudioError: the graph itself makes no sense, or has no such target.
    """
    if absent := set(targets).difference(node.id for node in graph.nodes):
        raise StudioError(f"The graph has no node '{min(absent)}'.")
    refuse_twins(graph)
    ordered = order(graph, targets)
    wrong = faults(ordered, nodes)
    ready: dict[str, Ready] = {}
    for node in ordered.nodes:
        sources = {link.input: link for link in ordered.feeding[node.id]}
        ready[node.id] = _ready(node, nodes.get(node.type), sources, wrong.get(node.id, ""), ready)
    return list(ready.values())


def _ready(node: GraphNode, code: Node | None, sources: Mapping[str, Link], wrong: str, before: Mapping[str, Ready]) -> Ready:
    if wrong or code is None:
        return Ready(node, code, sources, failure=Failure(wrong, ""))
    inputs = {port: f"{before[link.source].key}.{link.output}" for port, link in sources.items()}
    found = attempt(lambda: _keyed(node, code, inputs))
    if isinstance(found, Failure):
        return Ready(node, code, sources, failure=found)
    return Ready(node, code, sources, found.values, inputs, found.identity, found.key)


@dataclass(frozen=True)
class _Keyed:
    values: Mapping[str, Any]
    identity: str
    key: str


def _keyed(node: GraphNode, code: Node, inputs: Mapping[str, str]) -> _Keyed:
    values = settle(code.type.parameters, node.values)
    identity = code.identity(values) if code.identity else ""
    once = identity if code.type.pure else uuid4().hex
    return _Keyed(values, identity, node_key(node.type, values, inputs.items(), once))
