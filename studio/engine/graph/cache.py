"""Results of nodes, kept by key up to a number of bytes; the least recently used go first."""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from studio.engine.rendering import Rendering

HALF_A_GIGABYTE = 2**29


@dataclass(frozen=True)
class Result:
    """What a node gave: its value by output port, how that looks, and what was said of it; `size` in bytes."""

    outputs: Mapping[str, Any]
    seconds: float
    size: int
    rendering: Rendering | None = None
    provider: str = ""
    note: str = ""


class Cache:
    """Results by key.

    Args:
        limit: bytes to keep at most; a result larger than that is not kept.
    """

    def __init__(self, limit: int = HALF_A_GIGABYTE) -> None:
        self.limit = limit
        self.size = 0
        self._results: OrderedDict[str, Result] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._results)

    def __contains__(self, key: str) -> bool:
        return key in self._results

    def get(self, key: str) -> Result | None:
        """The result, which counts as used now."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
            return self._results.get(key)

    def put(self, key: str, result: Result) -> None:
        """Keep a result, and let the oldest go where there is no room."""
        if result.size > self.limit:
            return
        with self._lock:
            self._drop(key)
            self._results[key] = result
            self.size += result.size
            while self.size > self.limit:
                self._drop(next(iter(self._results)))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._results.clear()
            self.size = 0

    def _drop(self, key: str) -> None:
        if old := self._results.pop(key, None):
            self.size -= old.size
