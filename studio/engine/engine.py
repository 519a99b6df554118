"""The engine as everyone else sees it: one interface, two homes (its own process, or in-process).

Arguments and results are frozen plain data, so that the same call crosses a pipe unchanged.
"""

from collections.abc import Callable
from typing import Annotated, Literal, Protocol

from pydantic import Field, JsonValue

from studio.api.card import Family, Method
from studio.api.dataset import DatasetCard, Problem
from studio.api.events import Entry
from studio.api.frozen import Frozen
from studio.api.model import ModelCard
from studio.api.node import NodeType
from studio.api.space import Signature
from studio.engine.graph.document import Graph
from studio.engine.intake import Intake, Reference, Sight
from studio.engine.plane import Plane
from studio.engine.rendering import Rendering
from studio.engine.runs.request import TrainRequest


class Health(Frozen):
    """The engine itself: the provider that new sessions really get, memory in bytes, trainable devices."""

    pid: int
    provider: str
    providers: tuple[str, ...]
    device: str
    memory: int
    home: str


class PluginInfo(Frozen):
    """An installed distribution that offers plugins, and what is wrong with it where something is."""

    name: str
    version: str
    module: str
    healthy: bool
    error: str = ""
    traceback: str = ""
    methods: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    importers: tuple[str, ...] = ()


class ImporterInfo(Frozen):
    """A kind of model from elsewhere that a plugin opens; `absent` are those of its `packages` that are not installed."""

    id: str
    family: Family
    title: str
    plugin: str
    mark: str
    packages: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()


class DatasetInfo(Frozen):
    """A dataset, looked at: its signature, sizes, a few samples and the files that were skipped."""

    card: DatasetCard
    signature: Signature
    count: int
    validation: int
    thumbnails: Rendering
    problems: tuple[Problem, ...] = ()


class RunInfo(Frozen):
    """A run as its folder tells it.

    Attributes:
        state: "lost" is a trainer that ended without saying so (killed); it can be resumed from its last checkpoint.
        latest: the newest logged values.
        reason: why it failed or was lost, in words.
    """

    id: str
    title: str
    request: TrainRequest
    state: Literal["queued", "running", "paused", "done", "failed", "cancelled", "lost"]
    created: float
    step: int = 0
    total: int | None = None
    seconds: float = 0.0
    latest: dict[str, float | None] = Field(default_factory=dict)
    reason: str = ""
    model: str | None = None


class ModelInfo(Frozen):
    """A model that can be run: `reference` is what the command line and graphs call it ("starter:ddpm", "run:ID", a path)."""

    reference: str
    card: ModelCard
    starter: bool
    size: int


class PictureInfo(Frozen):
    """A saved output and where it came from."""

    path: str
    created: float
    graph: Graph | None = None
    models: tuple[str, ...] = ()
    seed: int | None = None


class Estimate(Frozen):
    """What a run will take: trainable weights, bytes, seconds for the whole budget; `basis` tells how it is known."""

    parameters: int
    memory: int
    seconds: float | None
    basis: str


class Why(Frozen):
    """Why a node would run again or not: the inputs and values that differ from the last execution."""

    node: str
    cached: bool
    changed: tuple[str, ...] = ()


class NodeStarted(Frozen):
    """A node runs."""

    kind: Literal["node_started"] = "node_started"
    node: str


class NodeProgress(Frozen):
    """A node is at `step` of `total`; `rendering` shows what it has so far."""

    kind: Literal["node_progress"] = "node_progress"
    node: str
    step: int
    total: int
    rendering: Rendering | None = None


class NodeDone(Frozen):
    """A node is done; `provider` is the one really used, empty where none was; `note` says what the user should know."""

    kind: Literal["node_done"] = "node_done"
    node: str
    seconds: float
    cached: bool
    rendering: Rendering | None = None
    provider: str = ""
    note: str = ""


class NodeFailed(Frozen):
    """A node failed, with cause and remedy; nodes that do not need it run on."""

    kind: Literal["node_failed"] = "node_failed"
    node: str
    error: str
    traceback: str = ""


class NodeSkipped(Frozen):
    """A node was not run because `because` failed."""

    kind: Literal["node_skipped"] = "node_skipped"
    node: str
    because: str


class ExecutionDone(Frozen):
    """The execution ended."""

    kind: Literal["execution_done"] = "execution_done"
    seconds: float
    stopped: bool = False


GraphEvent = Annotated[
    NodeStarted | NodeProgress | NodeDone | NodeFailed | NodeSkipped | ExecutionDone, Field(discriminator="kind")
]
Listener = Callable[[GraphEvent], None]


class Engine(Protocol):
    """Everything the window and the command line may ask for. Every call may raise StudioError."""

    def health(self) -> Health: ...
    def plugins(self) -> list[PluginInfo]: ...
    def methods(self) -> list[Method]: ...
    def nodes(self) -> list[NodeType]: ...
    def importers(self) -> list[ImporterInfo]: ...

    def datasets(self) -> list[DatasetCard]: ...
    def inspect_dataset(self, dataset: str) -> DatasetInfo: ...

    def models(self) -> list[ModelInfo]: ...
    def pictures(self) -> list[PictureInfo]: ...

    def look_at(self, reference: Reference) -> Intake:
        """Begin to look at a model from elsewhere, without loading it; returns at once, `intakes` tells what was seen."""
        ...

    def intakes(self) -> list[Intake]: ...
    def reconsider(self, intake: str, context: int) -> Sight: ...

    def take_in(self, intake: str, title: str) -> None:
        """Begin to take in what was seen; returns at once, `intakes` tells how far it is."""
        ...

    def drop(self, intake: str) -> None:
        """Forget an intake; its processes are ended within three seconds, and nothing half-made stays behind."""
        ...

    def runs(self) -> list[RunInfo]: ...
    def events(self, run: str, after: int = -1) -> list[Entry]: ...
    def preview(self, run: str, file: str) -> Rendering: ...
    def plane(self, run: str, file: str) -> Plane: ...
    def estimate(self, request: TrainRequest) -> Estimate: ...
    def train(self, request: TrainRequest) -> RunInfo: ...
    def pause(self, run: str) -> None: ...
    def resume(self, run: str) -> None: ...
    def cancel(self, run: str) -> None: ...
    def delete(self, run: str) -> None: ...
    def restore(self, run: str) -> None: ...

    def execute(self, graph: Graph, targets: list[str], listener: Listener) -> str:
        """Start running `targets` (all where empty) and what they need; returns the execution's id at once.

        The listener is called from another thread, last with `ExecutionDone`.
        """
        ...

    def stop(self, execution: str) -> None: ...
    def why(self, graph: Graph, node: str) -> Why: ...
    def settings(self) -> dict[str, JsonValue]: ...
    def configure(self, settings: dict[str, JsonValue]) -> None: ...
    def close(self) -> None: ...
