"""The engine seen from the window: the same interface, in a process of its own that may die without harm."""

import inspect
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass
from threading import Lock, Timer, current_thread
from typing import Any

from studio.api.errors import StudioError
from studio.engine.calls import LISTENER, NAMES, call
from studio.engine.engine import Engine, ExecutionDone, GraphEvent, Listener, NodeFailed, NodeProgress, NodeStarted
from studio.engine.frames import Frame, Refusal, Reply, Request, Told
from studio.engine.graph.document import Graph
from studio.engine.process import ENGINE, EngineProcess

DEADLINES = {"inspect_dataset": 300.0, "estimate": 300.0, "train": 60.0}
DEADLINE = 30.0
GRACE = 2.0


@dataclass
class _Running:
    listener: Listener
    began: float
    node: str = ""
    stopping: bool = False


class EngineClient(Engine):
    """An engine in a process of its own.

    Calls block until the answer is there, so a window makes them from a worker thread; `execute` and `stop` return at once.
    Listeners and the two callbacks are called from a thread of the client, where no call may be made.

    Attributes:
        on_lost: called with the reason, in words, when the process ended and is being started again.
        on_back: called when it answers again.
    """

    def __init__(self, command: Sequence[str] = ENGINE) -> None:
        self.on_lost: Callable[[str], object] = lambda reason: None
        self.on_back: Callable[[], object] = lambda: None
        self._numbers = itertools.count(1)
        self._pending: dict[int, tuple[str, Future[str]]] = {}
        self._running: dict[str, _Running] = {}
        self._lock = Lock()
        self._process = EngineProcess(command, self._received, self._lost, self._returned)

    @classmethod
    def start(cls, command: Sequence[str] = ENGINE) -> "EngineClient":
        """A client whose process is being started; does not wait for it."""
        client = cls(command)
        client._process.start()
        return client

    def execute(self, graph: Graph, targets: list[str], listener: Listener) -> str:
        """Start running `targets`; see `Engine.execute`."""
        request = self._request("execute", {"graph": graph, "targets": targets})
        execution = str(request.id)
        with self._lock:
            self._running[execution] = _Running(listener, self._process.clock())
        self._process.send(request)
        return execution

    def stop(self, execution: str) -> None:
        """End an execution; where it goes on for two seconds more, the process is ended and started again."""
        with self._lock:
            running = self._running.get(execution)
            if running is None or running.stopping:
                return
            running.stopping = True
        self._process.send(self._request("stop", {"execution": execution}))
        timer = Timer(GRACE, self._end_by_force, [execution])
        timer.daemon = True
        timer.start()

    def close(self) -> None:
        """Let the process go; trainers live on."""
        self._process.close()
        self._end_all("The engine is closed.", "")

    def _call(self, name: str, arguments: dict[str, Any]) -> Any:
        if self._process.is_reader(current_thread()):
            raise RuntimeError(f"'{name}' was called from a listener; call the engine from another thread.")
        request = self._request(name, arguments)
        answer: Future[str] = Future()
        with self._lock:
            self._pending[request.id] = (name, answer)
        self._process.send(request)
        deadline = DEADLINES.get(name, DEADLINE)
        try:
            return call(name).result.validate_json(answer.result(deadline))
        except TookTooLong:
            raise StudioError(f"The engine did not answer '{name}' within {deadline:.0f} s. Try again.") from None
        finally:
            with self._lock:
                self._pending.pop(request.id, None)

    def _request(self, name: str, arguments: dict[str, Any]) -> Request:
        return Request(id=next(self._numbers), call=name, arguments=call(name).pack(arguments))

    def _received(self, frame: Frame) -> None:
        if isinstance(frame, Told):
            self._tell(frame.execution, frame.event)
        elif isinstance(frame, Reply | Refusal):
            self._settle(frame)

    def _settle(self, frame: Reply | Refusal) -> None:
        with self._lock:
            _, answer = self._pending.get(frame.id, ("", None))
        if answer and isinstance(frame, Reply):
            answer.set_result(frame.result)
        elif answer and isinstance(frame, Refusal):
            answer.set_exception(_refused(frame))
        elif isinstance(frame, Refusal):
            self._refuse_execution(str(frame.id), frame)

    def _refuse_execution(self, execution: str, refusal: Refusal) -> None:
        self._tell(execution, NodeFailed(node="", error=refusal.error, traceback=refusal.traceback))
        self._tell(execution, ExecutionDone(seconds=0.0, stopped=True))

    def _tell(self, execution: str, event: GraphEvent) -> None:
        with self._lock:
            running = self._running.get(execution)
            if running is None:
                return
            if isinstance(event, ExecutionDone):
                del self._running[execution]
            else:
                running.node = event.node if isinstance(event, NodeStarted | NodeProgress) else ""
        running.listener(event)

    def _end_by_force(self, execution: str) -> None:
        with self._lock:
            running = self._running.get(execution)
        if running:
            where = f" in '{running.node}'" if running.node else ""
            self._process.kill(f"The engine did not stop{where} within {GRACE:.0f} s, so it was started again. Nothing is lost.")

    def _lost(self, reason: str, log: str) -> None:
        self._end_all(reason, log)
        self.on_lost(reason)

    def _returned(self) -> None:
        self.on_back()

    def _end_all(self, reason: str, log: str) -> None:
        with self._lock:
            pending, self._pending = list(self._pending.values()), {}
            running = dict(self._running)
        for name, answer in pending:
            answer.set_exception(StudioError(f"{reason} Meanwhile '{name}' was not answered; ask again."))
        for execution, lost in running.items():
            self._end_lost(execution, lost, reason, log)

    def _end_lost(self, execution: str, lost: _Running, reason: str, log: str) -> None:
        if lost.node and not lost.stopping:
            self._tell(execution, NodeFailed(node=lost.node, error=f"{reason} The graph is intact: run it again.", traceback=log))
        self._tell(execution, ExecutionDone(seconds=self._process.clock() - lost.began, stopped=True))


def _refused(refusal: Refusal) -> StudioError:
    error = StudioError(refusal.error)
    error.add_note(refusal.traceback)
    return error


def _forwarding(name: str) -> Callable[..., Any]:
    def forward(self: EngineClient, *values: Any, **named: Any) -> Any:
        return self._call(name, call(name).bind(*values, **named))  # pyright: ignore[reportPrivateUsage]

    forward.__name__ = name
    forward.__doc__ = f"See `Engine.{name}`."
    return forward


for _name in NAMES:
    if _name not in vars(EngineClient) and LISTENER not in inspect.signature(getattr(Engine, _name)).parameters:
        setattr(EngineClient, _name, _forwarding(_name))
