"""What a running node sees of the engine."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

from pydantic import JsonValue

from studio.api.dataset import Dataset
from studio.api.errors import Stopped
from studio.engine.engine import Listener, NodeProgress
from studio.engine.graph.show import show

Opener = Callable[[str, str], Any]
Library = Callable[[str], Dataset]
QUIET = 0.03


class Context:
    """The `studio.api.NodeContext` of one node in one execution.

    Args:
        node: the node's id.
        stopping: set when the user said stop.
        folder: where side effects go.
        opener: opens a model by reference and provider.
        library: loads a data set by reference.
        origin: gives the lineage, when it is asked for.
    """

    def __init__(
        self,
        node: str,
        listener: Listener,
        stopping: Event,
        *,
        folder: Path,
        opener: Opener,
        library: Library,
        origin: Callable[[], dict[str, JsonValue]],
    ) -> None:
        self.node = node
        self.folder = folder
        self.provider = ""
        self.notes: list[str] = []
        self.models: list[Any] = []
        self._opener = opener
        self._library = library
        self._listener = listener
        self._stopping = stopping
        self._origin = origin
        self._told = 0.0

    @property
    def lineage(self) -> dict[str, JsonValue]:
        """Where the node's inputs come from: "graph", "models" and "seed"."""
        return self._origin()

    def report(self, step: int, total: int, preview: Any = None) -> None:
        """Tell how far the node is; steps without a preview are told at most every 30 ms."""
        if self._stopping.is_set():
            raise Stopped
        now = monotonic()
        if preview is not None or step >= total or now - self._told >= QUIET:
            self._told = now
            self._listener(NodeProgress(node=self.node, step=step, total=total, rendering=show(preview)))

    def model(self, reference: str, provider: str = "auto") -> Any:
        """The opened model called `reference`."""
        opened = self._opener(reference, provider)
        self.models.append(opened)
        if self._stopping.is_set():
            raise Stopped
        return opened

    def dataset(self, reference: str) -> Dataset:
        """The data called `reference`."""
        found = self._library(reference)
        if self._stopping.is_set():
            raise Stopped
        return found

    def note(self, text: str = "", provider: str = "") -> None:
        """Say what the user should know of this result, and the provider that was really used."""
        if text:
            self.notes.append(text)
        self.provider = provider or self.provider
