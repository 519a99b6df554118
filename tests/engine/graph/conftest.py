"""A workbench: tiny nodes that count how often they run, and executions whose events are kept."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import pytest

from studio.api import NodeContext, StudioError, node, param
from studio.engine.engine import GraphEvent
from studio.engine.graph.cache import Cache
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.engine.graph.execute import Execution, Workshop


class Bench:
    """Tiny nodes over numbers: `give` a value, `add` two, `fail`, `note` (impure), `slow` (reports 1000 steps)."""

    def __init__(self, folder: Path) -> None:
        self.ran = Counter[str]()
        self.identity = "first"
        self.on_step: Callable[[int], object] = lambda step: None
        self.workshop = Workshop({node.type.id: node for node in self._nodes()}, lambda reference, provider: None, folder)

    def _nodes(self):
        ran = self.ran

        @node("give", "Give", category="test", outputs={"number": "number"})
        def give(value: float = param(1.0, "What to give.")) -> float:
            ran["give"] += 1
            return value

        @node("read", "Read", category="test", outputs={"number": "number"}, identity=lambda values: self.identity)
        def read() -> float:
            ran["read"] += 1
            return 5.0

        @node("add", "Add", category="test", outputs={"number": "number"})
        def add(
            a: Annotated[float, "number"], b: Annotated[float | None, "number"] = None, by: float = param(0.0, "More.")
        ) -> float:
            ran["add"] += 1
            return a + (b or 0.0) + by

        @node("fail", "Fail", category="test", outputs={"number": "number"})
        def fail(a: Annotated[float, "number"], words: str = param("The disk is gone. Plug it in.", "What to say.")) -> float:
            ran["fail"] += 1
            raise StudioError(words) if words else ValueError("oops")

        @node("note", "Note", category="test", outputs={"number": "number"}, pure=False)
        def note(a: Annotated[float, "number"]) -> float:
            ran["note"] += 1
            return a

        @node("slow", "Slow", category="test", outputs={"number": "number"})
        def slow(context: NodeContext, a: Annotated[float, "number"]) -> float:
            ran["slow"] += 1
            for step in range(1000):
                self.on_step(step)
                context.report(step + 1, 1000, float(step))
            return a

        @node("both", "Both", category="test", outputs={"low": "number", "high": "number"})
        def both(a: Annotated[float, "number"]) -> tuple[float, float]:
            return a - 1, a + 1

        return give, read, add, fail, note, slow, both

    def small(self, limit: int) -> None:
        """Use a cache of so many bytes."""
        nodes, opener, folder = self.workshop.nodes, self.workshop.opener, self.workshop.folder
        self.workshop = Workshop(nodes, opener, folder, Cache(limit))

    def begin(self, graph: Graph, *targets: str) -> tuple[Execution, list[GraphEvent]]:
        """An execution that has not begun, and the list its events go to."""
        events = list[GraphEvent]()
        return Execution(graph, targets, self.workshop, events.append), events

    def run(self, graph: Graph, *targets: str) -> list[GraphEvent]:
        """Everything that an execution tells."""
        execution, events = self.begin(graph, *targets)
        execution.run()
        return events


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def graph_of() -> Callable[..., Graph]:
    """Nodes as `name="type"` or `name=("type", {values})`, links as "source.output > target.input"."""

    def build(*links: str, **nodes: str | tuple[str, dict[str, float]]) -> Graph:
        made = [
            GraphNode(id=id, type=t if isinstance(t, str) else t[0], values={} if isinstance(t, str) else t[1])
            for id, t in nodes.items()
        ]
        return Graph(nodes=tuple(made), links=tuple(map(_link, links)))

    return build


def _link(text: str) -> Link:
    source, target = text.split(" > ")
    return Link(source=source.split(".")[0], output=source.split(".")[1], target=target.split(".")[0], input=target.split(".")[1])
