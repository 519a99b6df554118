"""The engine in this very process: what the command line and tests use, and what the engine's own process hosts."""

from itertools import count
from pathlib import Path
from threading import Lock, Thread

from pydantic import JsonValue

from studio.api.card import Method
from studio.api.dataset import Dataset, DatasetCard
from studio.api.events import Entry
from studio.api.node import NodeType
from studio.engine.datasets.reference import open_dataset
from studio.engine.engine import (
    DatasetInfo,
    Engine,
    Estimate,
    ExecutionDone,
    GraphEvent,
    Health,
    ImporterInfo,
    Listener,
    ModelInfo,
    PictureInfo,
    PluginInfo,
    RunInfo,
    Why,
)
from studio.engine.graph.document import Graph
from studio.engine.graph.execute import Execution, Workshop
from studio.engine.graph.prepare import prepare
from studio.engine.graph.why import explain
from studio.engine.health import health
from studio.engine.inspection import inspect_dataset
from studio.engine.intake import Intake, Reference, Sight
from studio.engine.opened import OpenedModels
from studio.engine.pictures import pictures
from studio.engine.plane import Plane
from studio.engine.plugins.discover import discover
from studio.engine.plugins.importers import importers
from studio.engine.plugins.registry import Registry
from studio.engine.render import render
from studio.engine.rendering import Rendering
from studio.engine.runs.request import TrainRequest
from studio.engine.settings import read_settings, write_settings
from studio.engine.training.intakes import Intakes
from studio.engine.training.runs import Runs
from studio.home import home, resources


class LocalEngine(Engine):
    """The engine, in-process.

    Args:
        registry: what the plugins offer; found out when first needed where None.
        folder: where nodes save what they make; the pictures in the user's folder where None.
    """

    def __init__(self, registry: Registry | None = None, folder: Path | None = None) -> None:
        self._home = home()
        self._given = registry
        self._registry = registry
        self._disabled = frozenset[str]()
        self._finding = Lock()
        self._models = OpenedModels()
        self._folder = folder or self._home / "pictures"
        self._runs = Runs(self._home, self.registry)
        self._intakes = Intakes(self._home, lambda: _disabled(self.settings()))
        self._shop: Workshop | None = None
        self._executions: dict[str, Execution] = {}
        self._numbers = count(1)

    def start(self) -> None:
        """Work on the queue of trainings and keep a trainer warm; a command that trains nothing needs neither."""
        self._apply(self.settings())
        self._runs.start()
        self._intakes.start()

    def registry(self) -> Registry:
        """What the installed plugins offer."""
        with self._finding:
            if self._registry is None:
                self._disabled = _disabled(self.settings())
                self._registry = self._given or discover(self._disabled)
            return self._registry

    def health(self) -> Health:
        return health(self._home)

    def plugins(self) -> list[PluginInfo]:
        """Looked for anew, so that a plugin installed meanwhile is found."""
        with self._finding:
            self._registry = None
            self._shop = None
        return self.registry().plugins

    def methods(self) -> list[Method]:
        return [card.method for card in self.registry().methods.values()]

    def nodes(self) -> list[NodeType]:
        return [node.type for node in self.registry().nodes.values()]

    def importers(self) -> list[ImporterInfo]:
        return importers(self.registry().importers.values())

    def datasets(self) -> list[DatasetCard]:
        return list(self.registry().datasets.values())

    def inspect_dataset(self, dataset: str) -> DatasetInfo:
        return inspect_dataset(dataset, self.registry().datasets)

    def models(self) -> list[ModelInfo]:
        from studio.engine.models.catalog import models

        return models(self._home, resources())

    def pictures(self) -> list[PictureInfo]:
        return pictures(self._folder)

    def look_at(self, reference: Reference) -> Intake:
        return self._intakes.look_at(reference)

    def intakes(self) -> list[Intake]:
        return self._intakes.list()

    def reconsider(self, intake: str, context: int) -> Sight:
        return self._intakes.reconsider(intake, context)

    def take_in(self, intake: str, title: str) -> None:
        self._intakes.take_in(intake, title)

    def drop(self, intake: str) -> None:
        self._intakes.drop(intake)

    def runs(self) -> list[RunInfo]:
        return self._runs.list()

    def events(self, run: str, after: int = -1) -> list[Entry]:
        return self._runs.events(run, after)

    def preview(self, run: str, file: str) -> Rendering:
        samples = self._runs.preview(run, file)
        return render(samples.array, samples.space)

    def plane(self, run: str, file: str) -> Plane:
        return Plane(samples=self.preview(run, file), layers=self._runs.layers(run, file))

    def estimate(self, request: TrainRequest) -> Estimate:
        return self._runs.estimate(request)

    def train(self, request: TrainRequest) -> RunInfo:
        return self._runs.train(request)

    def pause(self, run: str) -> None:
        self._runs.pause(run)

    def resume(self, run: str) -> None:
        self._runs.resume(run)

    def cancel(self, run: str) -> None:
        self._runs.cancel(run)

    def delete(self, run: str) -> None:
        self._runs.delete(run)

    def restore(self, run: str) -> None:
        self._runs.restore(run)

    def execute(self, graph: Graph, targets: list[str], listener: Listener, execution: str = "") -> str:
        """Start running `targets`; see `Engine.execute`. `execution` may give the id to use."""
        id = execution or f"execution-{next(self._numbers)}"

        def told(event: GraphEvent) -> None:
            if isinstance(event, ExecutionDone):
                self._executions.pop(id, None)
            listener(event)

        self._executions[id] = running = Execution(graph, targets, self._workshop(), told)
        Thread(target=running.run, name=id, daemon=True).start()
        return id

    def stop(self, execution: str) -> None:
        if running := self._executions.get(execution):
            running.stop()

    def why(self, graph: Graph, node: str) -> Why:
        workshop = self._workshop()
        line = {ready.id: ready for ready in prepare(graph, [node], workshop.nodes)}
        return explain(line[node], workshop.cache, workshop.history)

    def settings(self) -> dict[str, JsonValue]:
        return read_settings(self._home)

    def configure(self, settings: dict[str, JsonValue]) -> None:
        write_settings(self._home, settings)
        self._apply(settings)

    def close(self) -> None:
        """Stop what runs here; trainers live on."""
        for running in list(self._executions.values()):
            running.stop()
        self._intakes.close()
        self._runs.close()

    def _workshop(self) -> Workshop:
        registry = self.registry()
        with self._finding:
            if self._shop is None:
                self._shop = Workshop(registry.nodes, self._models.open, self._folder, library=self._load)
            return self._shop

    def _load(self, reference: str) -> Dataset:
        return open_dataset(reference, self.registry().datasets)

    def _apply(self, settings: dict[str, JsonValue]) -> None:
        slots = settings.get("training_slots")
        self._runs.set_slots(slots if isinstance(slots, int) and slots > 0 else 1)
        with self._finding:
            if _disabled(settings) != self._disabled:
                self._registry = self._shop = None


def _disabled(settings: dict[str, JsonValue]) -> frozenset[str]:
    names = settings.get("disabled_plugins")
    return frozenset(name for name in names if isinstance(name, str)) if isinstance(names, list) else frozenset()
