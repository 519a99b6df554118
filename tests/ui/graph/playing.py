"""An engine for these tests: the real node types, and executions that follow a script instead of computing."""

import threading
from collections.abc import Callable
from typing import Any

from studio.api.node import NodeType
from studio.engine.engine import ExecutionDone, GraphEvent, Listener, NodeDone, NodeFailed, NodeSkipped, NodeStarted, Why
from studio.engine.graph.document import Graph, GraphNode
from studio.engine.nodes import studio_nodes
from studio.ui.bridge import Bridge
from studio.ui.graph.linking import ancestors
from tests.ui.fake_engine import FakeEngine, pictures

TYPES = [declared.type for declared in studio_nodes()]


class PlayingEngine(FakeEngine):
    """Runs every node at once: those in `failures` fail with their sentence, what needs them is skipped.

    Attributes:
        targets: what each execution was asked for.
        hold: while set, executions wait until they are stopped.
    """

    def __init__(self) -> None:
        super().__init__()
        self.failures: dict[str, str] = {}
        self.targets: list[list[str]] = []
        self.hold = False
        self.types = TYPES
        self.because: tuple[str, ...] = ("seed",)

    def nodes(self) -> list[NodeType]:
        return list(self.types)

    def why(self, graph: Graph, node: str) -> Why:
        return Why(node=node, cached=False, changed=self.because)

    def execute(self, graph: Graph, targets: list[str], listener: Listener) -> str:
        self.executed.append(graph)
        self.targets.append(targets)
        id = f"execution{len(self.executed)}"
        stop = self._stops[id] = threading.Event()
        wanted = (
            set(targets).union(*(ancestors(graph, target) for target in targets))
            if targets
            else {node.id for node in graph.nodes}
        )
        threading.Thread(target=self._run, args=(graph, wanted, listener, stop), daemon=True).start()
        return id

    def _run(self, graph: Graph, wanted: set[str], listener: Listener, stop: threading.Event) -> None:
        if self.hold:
            stop.wait(10)
        for node in graph.nodes:
            if node.id in wanted and not stop.is_set():
                self._one(graph, node, listener)
        listener(ExecutionDone(seconds=0.1, stopped=stop.is_set()))

    def _one(self, graph: Graph, node: GraphNode, listener: Callable[[GraphEvent], Any]) -> None:
        failed = next((id for id in self.failures if id in ancestors(graph, node.id)), None)
        if failed:
            listener(NodeSkipped(node=node.id, because=failed))
            return
        listener(NodeStarted(node=node.id))
        if node.id in self.failures:
            listener(NodeFailed(node=node.id, error=self.failures[node.id], traceback="Traceback: details"))
        else:
            shown = pictures(int(str(node.values.get("seed", 1)))) if node.type in ("sample", "grid", "decode") else None
            provider = "CPUExecutionProvider" if node.type == "sample" else ""
            listener(NodeDone(node=node.id, seconds=0.012, cached=node.type == "model", rendering=shown, provider=provider))


def bridge_to(engine: FakeEngine) -> Bridge:
    """A bridge that is connected to `engine`."""
    bridge = Bridge(lambda: engine)
    bridge.connect_engine()
    return bridge
