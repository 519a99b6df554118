"""Why a node would run again: what differs from the last times it ran."""

from collections import OrderedDict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from studio.engine.engine import Why
from studio.engine.graph.cache import Cache
from studio.engine.graph.prepare import Ready

REMEMBERED_NODES = 4096
REMEMBERED_TIMES = 8


@dataclass(frozen=True)
class _Ran:
    type: str
    values: Mapping[str, Any]
    inputs: Mapping[str, str]
    identity: str


class History:
    """What each node last ran with.

    Several times are remembered, and the one nearest to the question counts: nodes of different graphs may share an id.
    """

    def __init__(self) -> None:
        self._ran: OrderedDict[str, deque[_Ran]] = OrderedDict()
        self._lock = Lock()

    def record(self, ready: Ready) -> None:
        """Remember that a node ran."""
        with self._lock:
            times = self._ran.setdefault(ready.id, deque(maxlen=REMEMBERED_TIMES))
            times.appendleft(_ran(ready))
            self._ran.move_to_end(ready.id)
            if len(self._ran) > REMEMBERED_NODES:
                self._ran.popitem(last=False)

    def changed(self, ready: Ready) -> tuple[str, ...]:
        """Names of the inputs and values that differ from when the node ran; empty where it never did."""
        with self._lock:
            times = list(self._ran.get(ready.id, ()))
        now = _ran(ready)
        return min((_difference(before, now) for before in times), key=len, default=())


def explain(ready: Ready, cache: Cache, history: History) -> Why:
    """Whether a node would run, and what differs from when it last did."""
    cached = ready.pure and ready.key in cache
    return Why(node=ready.id, cached=cached, changed=() if cached else history.changed(ready))


def _ran(ready: Ready) -> _Ran:
    return _Ran(ready.node.type, ready.values, ready.inputs, ready.identity)


def _difference(before: _Ran, now: _Ran) -> tuple[str, ...]:
    if before.type != now.type:
        return ("type",)
    outside = ("files",) if before.identity != now.identity else ()
    return (*_unequal(before.values, now.values), *_unequal(before.inputs, now.inputs), *outside)


def _unequal(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    return [name for name in {**before, **now} if before.get(name) != now.get(name)]
