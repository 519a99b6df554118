"""The one place where the engine's answers and events become Qt signals, always in the window's thread."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

import shiboken6
from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot

if TYPE_CHECKING:
    from studio.engine.engine import Engine, GraphEvent
    from studio.engine.graph.document import Graph

OnResult = Callable[[Any], object]
OnError = Callable[[str, str], object]


class Execution:
    """A running graph; after `stop` only its `ExecutionDone` is still delivered."""

    def __init__(self, bridge: Bridge, on_event: Callable[[GraphEvent], object]) -> None:
        self._bridge, self._on_event = bridge, on_event
        self.id: str | None = None
        self.stopped = False
        self.ended = False

    def stop(self) -> None:
        """Ask the engine to stop it; returns at once."""
        self.stopped = True
        if self.id is not None and not self.ended:
            self._bridge.ask("stop", None, _ignore, self.id)

    def accept(self, event: GraphEvent) -> None:
        """Pass an event on (the bridge calls this in the window's thread)."""
        if self.ended:
            return
        self.ended = event.kind == "execution_done"
        if self.ended:
            self._bridge.forget(self)
        if (self.ended or not self.stopped) and alive(self._on_event):
            self._on_event(event)


class Bridge(QObject):
    """Asks an engine off the window's thread.

    Args:
        start: makes the engine without waiting for it; called by `connect_engine`.

    Signals:
        ready: the engine answers.
        trouble: a failure nobody else shows: what happened in words, and the details.
        engine_lost, engine_back: the engine's process died (why), and runs again.
    """

    ready = Signal()
    trouble = Signal(str, str)
    engine_lost = Signal(str)
    engine_back = Signal()
    _deliver = Signal(object)

    def __init__(self, start: Callable[[], Engine], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._start = start
        self._engine: Engine | None = None
        self._waiting: list[Callable[[], None]] = []
        self._live: list[Execution] = []
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(4)
        self._deliver.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def connect_engine(self) -> None:
        """Start the engine; questions asked before wait for the next turn of the event loop.

        Starting returns at once and imports modules, which must not happen in two threads: PySide looks into each module
        while it is half imported.
        """
        engine = self._start()
        self.post(lambda: self._connected(engine))

    def ask(self, call: str, on_result: OnResult | None = None, on_error: OnError | None = None, *args: Any) -> None:
        """Call `engine.<call>(*args)` in a worker thread.

        Args:
            on_result: takes the result, in the window's thread.
            on_error: takes the words and the details; where absent the failure is announced as `trouble`.
        """

        def work() -> None:
            self._work(lambda: getattr(self._engine, call)(*args), on_result, on_error)

        if self._engine is None:
            self._waiting.append(work)
        else:
            work()

    def execute(self, graph: Graph, targets: list[str], on_event: Callable[[GraphEvent], object]) -> Execution:
        """Run a graph; `on_event` takes each event in the window's thread, last `ExecutionDone`."""
        execution = Execution(self, on_event)
        self._live.append(execution)

        def listen(event: GraphEvent) -> None:
            self.post(lambda: execution.accept(event))

        def refused(words: str, details: str) -> None:
            self._end(execution)
            self.trouble.emit(words, details)

        self.ask("execute", lambda id: self._named(execution, id), refused, graph, targets, listen)
        return execution

    def forget(self, execution: Execution) -> None:
        """No longer keep an execution that ended."""
        if execution in self._live:
            self._live.remove(execution)

    def close(self) -> None:
        """Let the engine go; what still runs is not waited for beyond a moment."""
        self._waiting.clear()
        self._pool.clear()
        self._pool.waitForDone(500)
        if self._engine is not None:
            self._engine.close()

    def _connected(self, engine: Engine) -> None:
        client = cast("Any", engine)
        client.on_lost = lambda reason: self.post(lambda: self._lost(reason))
        client.on_back = lambda: self.post(self.engine_back.emit)
        self._engine = engine
        self.ready.emit()
        waiting, self._waiting = self._waiting, []
        for work in waiting:
            work()

    def _lost(self, reason: str) -> None:
        for execution in list(self._live):
            self._end(execution)
        self.engine_lost.emit(reason)

    def _end(self, execution: Execution) -> None:
        from studio.engine.engine import ExecutionDone

        execution.accept(ExecutionDone(seconds=0.0, stopped=True))

    def _named(self, execution: Execution, id: str) -> None:
        execution.id = id
        if execution.stopped:
            execution.stop()

    def _work(self, act: Callable[[], Any], on_result: OnResult | None, on_error: OnError | None) -> None:
        self._pool.start(_Job(self, act, on_result, on_error or self.trouble.emit))

    def post(self, act: Callable[[], object]) -> None:
        """Run `act` in the window's thread, unless the window is gone."""
        if shiboken6.isValid(self):
            self._deliver.emit(act)

    @Slot(object)
    def _run(self, act: Callable[[], object]) -> None:
        act()


class _Job(QRunnable):
    def __init__(self, bridge: Bridge, act: Callable[[], Any], on_result: OnResult | None, on_error: OnError) -> None:
        super().__init__()
        self._bridge, self._act, self._on_result, self._on_error = bridge, act, on_result, on_error

    def run(self) -> None:
        try:
            result = self._act()
        except Exception as error:  # noqa: BLE001 - the process boundary: whatever the engine raised must reach the window
            self._answer(self._on_error, _words(error), traceback.format_exc())
        else:
            self._answer(self._on_result, result)

    def _answer(self, callback: Callable[..., object] | None, *args: Any) -> None:
        if callback is not None:
            self._bridge.post(lambda: callback(*args) if alive(callback) else None)


class Latest:
    """Runs the newest of many wishes, one at a time: while one runs only the last asked for is kept.

    Args:
        start: begins a wish; it is given the wish and a `done` to call at its end.
        interrupt: called when a newer wish waits, to end the running one early.
    """

    def __init__(self, start: Callable[[Any, Callable[[], None]], object], interrupt: Callable[[], object] | None = None) -> None:
        self._start, self._interrupt = start, interrupt
        self._busy = False
        self._next: list[Any] = []

    def want(self, wish: Any) -> None:
        """Ask for `wish`, now or as soon as the running one ends."""
        if not self._busy:
            self._begin(wish)
            return
        self._next = [wish]
        if self._interrupt is not None:
            self._interrupt()

    def _begin(self, wish: Any) -> None:
        self._busy = True
        self._start(wish, self._done)

    def _done(self) -> None:
        self._busy = False
        if self._next:
            self._begin(self._next.pop())


def alive(callback: Callable[..., object]) -> bool:
    """Whether the widgets that a callback speaks to (its own, or those a lambda closes over) still exist."""
    closure = [cell.cell_contents for cell in getattr(callback, "__closure__", None) or ()]
    owners = [getattr(callback, "__self__", None), *closure]
    return all(shiboken6.isValid(owner) for owner in owners if isinstance(owner, QObject))


def _words(error: Exception) -> str:
    from studio.api.errors import StudioError

    return str(error) if isinstance(error, StudioError) else f"Something unexpected happened: {error or type(error).__name__}"


def _ignore(words: str, details: str) -> None:
    """A stop that came too late is no news."""
