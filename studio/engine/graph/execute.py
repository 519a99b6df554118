"""A graph run: parents first, only what changed, each node told of as it happens."""

import inspect
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, cast

from studio.api.dataset import Dataset
from studio.api.errors import Stopped, StudioError
from studio.api.node import Function, Node, fits
from studio.engine.attempt import Failure, attempt
from studio.engine.datasets.reference import open_dataset
from studio.engine.engine import ExecutionDone, Listener, NodeDone, NodeFailed, NodeSkipped, NodeStarted
from studio.engine.graph.cache import Cache, Result
from studio.engine.graph.context import Context, Library, Opener
from studio.engine.graph.document import Graph
from studio.engine.graph.lineage import lineage
from studio.engine.graph.prepare import Ready, prepare
from studio.engine.graph.show import kind_of, seal, show_first, weigh
from studio.engine.graph.why import History


def open_files(reference: str) -> Dataset:
    """The data at a path."""
    return open_dataset(reference, {})


@dataclass(frozen=True)
class Workshop:
    """What executions share: the node types, the results so far, and the way to models and data.

    Attributes:
        folder: where nodes with side effects write.
    """

    nodes: Mapping[str, Node]
    opener: Opener
    folder: Path
    cache: Cache = field(default_factory=Cache)
    history: History = field(default_factory=History)
    library: Library = open_files


class Execution:
    """One run of a graph.

    Args:
        targets: the nodes wanted; all where empty.
        listener: told of everything, last of `ExecutionDone`.
    """

    def __init__(self, graph: Graph, targets: Collection[str], workshop: Workshop, listener: Listener) -> None:
        self.graph = graph
        self.targets = targets
        self.workshop = workshop
        self.listener = listener
        self._stopping = Event()
        self._context: Context | None = None
        self._results: dict[str, Result] = {}
        self._failed: dict[str, str] = {}

    def stop(self) -> None:
        """End soon: at the node's next report, or in the middle of a model's run where the model can be interrupted."""
        self._stopping.set()
        context = self._context
        for model in context.models if context else ():
            model.terminate()

    def run(self) -> None:
        """Run to the end, to the first `Stopped`, and always to `ExecutionDone`."""
        begun = monotonic()
        try:
            self._run_all(prepare(self.graph, self.targets, self.workshop.nodes))
        except Stopped:
            self._stopping.set()
        except StudioError as error:
            self.listener(NodeFailed(node=next(iter(self.targets), ""), error=str(error)))
        finally:
            self.listener(ExecutionDone(seconds=monotonic() - begun, stopped=self._stopping.is_set()))

    def _run_all(self, line: list[Ready]) -> None:
        self._results = {ready.id: kept for ready in line if ready.pure and (kept := self.workshop.cache.get(ready.key))}
        needed = self._needed(line)
        uses = Counter(link.source for ready in line if ready.id in needed for link in ready.sources.values())
        for ready in line:
            if self._stopping.is_set():
                raise Stopped
            used = [link.source for link in ready.sources.values()] if ready.id in needed else []
            if ready.id in needed:
                self._visit(ready)
            elif ready.id in self._results:
                self._tell(ready, self._results[ready.id], cached=True)
            self._release(ready, uses, used)

    def _needed(self, line: list[Ready]) -> set[str]:
        """The nodes that must run: those wanted, or used by one that must run, whose result is not there."""
        wanted = set(self.targets or (ready.id for ready in line))
        needed = set[str]()
        for ready in reversed(line):
            if ready.id in wanted and ready.id not in self._results:
                needed.add(ready.id)
                wanted.update(link.source for link in ready.sources.values())
        return needed

    def _release(self, ready: Ready, uses: Counter[str], used: Collection[str]) -> None:
        """Let go of results that nothing in this execution needs any more; the cache keeps what it has room for."""
        uses.subtract(used)
        for id in (ready.id, *used):
            if uses[id] <= 0:
                self._results.pop(id, None)

    def _visit(self, ready: Ready) -> None:
        culprit = next((self._failed[link.source] for link in ready.sources.values() if link.source in self._failed), None)
        if ready.failure:
            self._fail(ready, ready.failure)
        elif culprit is not None:
            self._failed[ready.id] = culprit
            self.listener(NodeSkipped(node=ready.id, because=culprit))
        else:
            self._run(ready)

    def _run(self, ready: Ready) -> None:
        self.listener(NodeStarted(node=ready.id))
        workshop = self.workshop
        origin = partial(lineage, self.graph, ready.id, workshop.nodes)
        self._context = Context(
            ready.id, self.listener, self._stopping, folder=workshop.folder, opener=workshop.opener, library=workshop.library,
            origin=origin,
        )  # fmt: skip
        result = attempt(partial(self._result, ready, self._context))
        if self._stopping.is_set():
            raise Stopped
        if isinstance(result, Failure):
            self._fail(ready, result)
            return
        workshop.history.record(ready)
        if ready.pure:
            workshop.cache.put(ready.key, result)
        self._results[ready.id] = result
        self._tell(ready, result, cached=False)

    def _result(self, ready: Ready, context: Context) -> Result:
        assert ready.code is not None
        begun = monotonic()
        given = {port: self._results[link.source].outputs[link.output] for port, link in ready.sources.items()}
        _check_kinds(ready.code, given)
        arguments = {**ready.values, **given}
        if _takes_context(ready.code.function):
            arguments["context"] = context
        outputs = _named(ready.code, ready.code.function(**arguments))
        seconds = monotonic() - begun
        for value in outputs.values():
            seal(value)
        shown = show_first(outputs)
        size = sum(map(weigh, outputs.values())) + weigh(shown)
        return Result(outputs, seconds, size, shown, context.provider, " ".join(context.notes))

    def _fail(self, ready: Ready, failure: Failure) -> None:
        self._failed[ready.id] = ready.id
        name = ready.code.type.title if ready.code else ready.node.type
        self.listener(NodeFailed(node=ready.id, error=f"{name}: {failure.error}", traceback=failure.traceback))

    def _tell(self, ready: Ready, result: Result, cached: bool) -> None:
        self.listener(
            NodeDone(
                node=ready.id, seconds=result.seconds, cached=cached, rendering=result.rendering,
                provider=result.provider, note=result.note,
            )
        )  # fmt: skip


@lru_cache(maxsize=1024)
def _takes_context(function: Function) -> bool:
    return "context" in inspect.signature(function).parameters


def _named(code: Node, given: Any) -> dict[str, Any]:
    names = [port.name for port in code.type.outputs]
    if len(names) == 1:
        return {names[0]: given}
    if not isinstance(given, tuple) or len(cast("tuple[Any, ...]", given)) != len(names):
        raise StudioError(f"It should give {len(names)} results and did not. This is a fault in the node; tell its author.")
    return dict(zip(names, cast("tuple[Any, ...]", given), strict=True))


def _check_kinds(code: Node, given: Mapping[str, Any]) -> None:
    for port in code.type.inputs:
        kind = kind_of(given.get(port.name))
        if kind and not fits(kind, port.kind):
            raise StudioError(f"'{port.name}' takes {port.kind}, and {kind} came in. Link something else.")
