"""Running a graph: on demand, or by itself after each edit, where the latest edit wins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from studio.engine.engine import ExecutionDone, GraphEvent, Why
from studio.engine.graph.document import Graph
from studio.ui.bridge import Bridge, Execution, Latest
from studio.ui.graph.editing import Editing
from studio.ui.graph.linking import ancestors
from studio.ui.graph.outcome import Outcome, after
from studio.ui.graph.readiness import live_targets

LIVE_DELAY = 150
FRAME = 33


@dataclass(frozen=True)
class Wish:
    """An execution asked for; no targets means everything."""

    graph: Graph
    targets: tuple[str, ...]
    live: bool = False


class Running(QObject):
    """Executions of one graph, one at a time.

    Signals:
        changed: outcomes are newer (at most 30 times a second).
        busy_changed: an execution began or ended.
        ended: the execution's `ExecutionDone`.
        explained: why the watched node runs again or not.
    """

    changed = Signal()
    busy_changed = Signal(bool)
    ended = Signal(object)
    explained = Signal(object)

    def __init__(self, bridge: Bridge, editing: Editing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.outcomes: Mapping[str, Outcome] = {}
        self.watched: str | None = None
        self.live = True
        self._bridge = bridge
        self._editing = editing
        self._execution: Execution | None = None
        self._last_meaning: object = None
        self._wish = Wish(Graph(), ())
        self._done: Callable[[], None] = _nothing
        self._latest = Latest(self._begin, self.stop)
        self._pause = QTimer(self, singleShot=True, interval=LIVE_DELAY)
        self._pause.timeout.connect(self.run_live)
        self._frame = QTimer(self, singleShot=True, interval=FRAME)
        self._frame.timeout.connect(self.changed)
        editing.subscribe(self._edited)
        self._edited()

    @property
    def busy(self) -> bool:
        """Whether an execution is under way."""
        return self._execution is not None

    def run(self, targets: tuple[str, ...] = ()) -> None:
        """Run `targets` and what they need, everything where empty."""
        self._pause.stop()
        graph = self._editing.graph
        if graph.nodes:
            self._mark_waiting(graph, targets)
            self._want(Wish(graph, targets))

    def run_live(self) -> None:
        """Run what can run without side effects, where something that matters has changed."""
        graph = self._editing.graph
        targets = tuple(live_targets(graph, self._editing.catalog))
        if targets and meaning(graph) != self._last_meaning:
            self._want(Wish(graph, targets, live=True))

    def stop(self) -> None:
        """End the running execution."""
        if self._execution is not None:
            self._execution.stop()

    def set_live(self, on: bool) -> None:
        """Whether edits run by themselves."""
        self.live = on
        self._edited()

    def _edited(self) -> None:
        known = {node.id for node in self._editing.graph.nodes}
        if not known.issuperset(self.outcomes):
            self.outcomes = {id: outcome for id, outcome in self.outcomes.items() if id in known}
        if self.live:
            self._pause.start()

    def _mark_waiting(self, graph: Graph, targets: tuple[str, ...]) -> None:
        wanted = set(targets).union(*(ancestors(graph, id) for id in targets)) if targets else {node.id for node in graph.nodes}
        shown = {id: self.outcomes.get(id, Outcome()).rendering for id in wanted}
        self.outcomes = {**self.outcomes, **{id: Outcome("waiting", rendering=shown[id]) for id in wanted}}
        self._frame.start()

    def _want(self, wish: Wish) -> None:
        self._last_meaning = meaning(wish.graph)
        self._latest.want(wish)

    def _begin(self, wish: Wish, done: Callable[[], None]) -> None:
        self._wish, self._done = wish, done
        if self.watched in {node.id for node in wish.graph.nodes}:
            self._bridge.ask("why", self._explain, self._execute, wish.graph, self.watched)
        else:
            self._execute()

    def _explain(self, why: Why) -> None:
        self.explained.emit(why)
        self._execute()

    def _execute(self, *unexplained: str) -> None:
        self._execution = self._bridge.execute(self._wish.graph, list(self._wish.targets), self._take)
        self.busy_changed.emit(True)

    def _take(self, event: GraphEvent) -> None:
        known = {node.id for node in self._editing.graph.nodes}
        if isinstance(event, ExecutionDone) or event.node in known:
            self.outcomes = after(self.outcomes, event)
        if not self._frame.isActive():
            self._frame.start()
        if isinstance(event, ExecutionDone):
            self._end(event)

    def _end(self, event: ExecutionDone) -> None:
        self._execution = None
        self.busy_changed.emit(False)
        self.ended.emit(event)
        self._done()


def meaning(graph: Graph) -> object:
    """What decides the results of a graph: everything but where its nodes lie."""
    return tuple((node.id, node.type, repr(node.values)) for node in graph.nodes), frozenset(graph.links)


def _nothing() -> None:
    """What follows an execution before there was one."""
