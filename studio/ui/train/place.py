"""Train: data at the left, methods in the middle, the form at the right, runs below."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from studio.api.card import Method
from studio.engine.engine import DatasetInfo, Health, ModelInfo, RunInfo
from studio.engine.runs.request import TrainRequest
from studio.ui.bridge import Bridge
from studio.ui.panels import Card, section
from studio.ui.place import Place
from studio.ui.rows import Row, Rows
from studio.ui.status_strip import progress
from studio.ui.train.data_list import DataList
from studio.ui.train.method_list import MethodList
from studio.ui.train.run_view import RunView
from studio.ui.train.setup import Setup
from studio.ui.train.wording import STATES
from studio.ui.watch import Watch

_DATA = "data:"
_LOW = 720
LOWER = (264, 400)


class TrainPlace(Place):
    """From data and a method to a running training."""

    title = "Train"

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._watch: Watch | None = None
        self._wanted = ""
        self._kind = ""
        self._starting = False
        self._methods: list[Method] = []
        self.runs: dict[str, RunInfo] = {}
        self.data, self.methods, self.setup, self.view = DataList(bridge), MethodList(), Setup(bridge), RunView(bridge)
        self._build()
        self._connect()
        self.data.load()
        bridge.ask("methods", self._take_methods)

    def _build(self) -> None:
        self._upper = QWidget()
        row = QHBoxLayout(self._upper)
        row.setContentsMargins(16, 16, 16, 8)
        row.setSpacing(12)
        self.data.setFixedWidth(232)
        self.setup.setFixedWidth(312)
        row.addWidget(self.data)
        row.addWidget(self.methods, 1)
        row.addWidget(self.setup)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.setHandleWidth(6)
        self._split.addWidget(self._upper)
        self._split.addWidget(self._make_lower())
        self._split.setStretchFactor(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._split)

    def _make_lower(self) -> QWidget:
        self._lower = QWidget()
        row = QHBoxLayout(self._lower)
        row.setContentsMargins(16, 4, 16, 16)
        row.setSpacing(12)
        card = Card()
        card.setFixedWidth(232)
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(section("Runs"))
        self.list = Rows("Runs", 48)
        column.addWidget(self.list, 1)
        row.addWidget(card)
        row.addWidget(self.view, 1)
        self._lower.setMinimumHeight(LOWER[0])
        self._lower.hide()
        return self._lower

    def _connect(self) -> None:
        self.data.chosen.connect(self._take_data)
        self.data.failed.connect(lambda why, details: self.told.emit("error", why, details))
        self.methods.chosen.connect(self.setup.show_method)
        self.methods.preset.connect(self.setup.take_preset)
        self.setup.started.connect(self._start)
        self.list.currentItemChanged.connect(lambda: self._show_run(self.list.key()))
        self.view.show_model.connect(lambda model: self.visit.emit("arena", model))
        self.view.enlarged.connect(self._enlarge)
        self.view.failure.connect(lambda why, details: self.told.emit("error", why, details))

    def _enlarge(self, on: bool) -> None:
        """Give the runs all the room, or share it with the form again."""
        self._upper.setVisible(not on)
        self._lower.layout().setContentsMargins(16, 16 if on else 4, 16, 16)
        self.view.show_large(on)

    def watch_runs(self, watch: Watch) -> None:
        """Follow the runs and the devices there are."""
        self._watch = watch
        watch.runs_changed.connect(self._take_runs)
        watch.health_changed.connect(self._take_health)
        self._take_runs(watch.runs)
        if watch.health is not None:
            self._take_health(watch.health)

    def receive(self, what: object) -> None:
        """Choose the method of that id, or the dataset of "data:id"."""
        wanted = str(what)
        self._enlarge(False)
        if wanted.startswith(_DATA):
            self.data.choose(wanted.removeprefix(_DATA))
        elif self._methods:
            self.methods.choose(wanted)
        else:
            self._wanted = wanted

    def entered(self) -> None:
        self.bridge.ask("settings", lambda kept: self.setup.prefer_device(str(kept.get("device", "auto"))))
        self.view.watch(True)
        if self._watch is not None:
            self._watch.look_closely(True)

    def left(self) -> None:
        self.view.watch(False)
        if self._watch is not None:
            self._watch.look_closely(False)

    def _take_methods(self, methods: list[Method]) -> None:
        self._methods = methods
        self.methods.show_methods(methods)
        self.view.know_methods(methods)
        self.bridge.ask("models", self._take_models)

    def _take_models(self, models: list[ModelInfo]) -> None:
        self.setup.show_models(models, self._methods)
        self._choose_fitting()

    def _take_health(self, health: Health) -> None:
        self.setup.show_devices(tuple(dict.fromkeys(("cpu", *health_devices(health)))))

    def _take_data(self, info: DatasetInfo | None) -> None:
        self.setup.show_data(info)
        self.subtitled.emit(info.card.title if info else "")
        if info is not None:
            self.methods.fit(info.card.kind)
            self._kind = info.card.kind
            self._choose_fitting()

    def _choose_fitting(self) -> None:
        chosen = [card.method for card in self.methods.cards.values() if card.selected]
        if self._wanted:
            self.methods.choose(self._wanted)
            self._wanted = ""
        elif self._kind and self._methods and not (chosen and self._kind in chosen[0].kinds):
            fitting = [id for id, card in self.methods.cards.items() if self._kind in card.method.kinds]
            self.methods.fit(self._kind)
            if fitting:
                self.methods.choose(fitting[0])

    def _start(self, request: TrainRequest) -> None:
        if not self._starting:
            self._starting = True
            self.bridge.ask("train", self._started, self._refused, request)

    def _started(self, run: RunInfo) -> None:
        self._starting = False
        self._take_runs([run, *[old for old in self.runs.values() if old.id != run.id]])
        self.list.choose(run.id)
        self._enlarge(self._kind == "points" or self.height() < _LOW)
        if self._watch is not None:
            self._watch.look()

    def _refused(self, why: str, details: str) -> None:
        self._starting = False
        self.told.emit("error", why, details)

    def _take_runs(self, runs: list[RunInfo]) -> None:
        exported = {run.model for run in self.runs.values()}
        self.runs = {run.id: run for run in sorted(runs, key=lambda run: -run.created)}
        if self._methods and exported != {run.model for run in runs}:
            self.bridge.ask("models", lambda models: self.setup.show_models(models, self._methods))
        self.list.show_rows({id: _row(run) for id, run in self.runs.items()})
        if self.runs and not self.list.key():
            self.list.choose(next(iter(self.runs)))
        if not runs:
            self._enlarge(False)
        if bool(runs) != self._lower.isVisibleTo(self._split):
            self._lower.setVisible(bool(runs))
            lower = max(LOWER[0], min(LOWER[1], self.height() * 9 // 20))
            self._split.setSizes([self.height() - lower, lower])
        self._show_run(self.list.key())

    def _show_run(self, id: str) -> None:
        if id in self.runs:
            self.view.follow(self.runs[id])


def health_devices(health: Health) -> list[str]:
    """The accelerators among the engine's devices, as a request names them."""
    return [name for name in ("cuda", "mps") if name in health.device.lower() or any(name in p.lower() for p in health.providers)]


def _row(run: RunInfo) -> Row:
    said, glyph, colour = STATES[run.state]
    share = progress(run) if run.state in ("running", "paused") else None
    tail = f"{100 * share:.0f} %" if share is not None else ""
    return Row(run.title, said, glyph, colour, tail, share)
