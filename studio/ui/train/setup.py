"""The form of one training: the method's parameters, the budget, and what it will take."""

from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.card import Method
from studio.api.params import Parameter
from studio.engine.engine import DatasetInfo, Estimate, ModelInfo
from studio.engine.runs.request import Budget, TrainRequest
from studio.ui import measures, theme
from studio.ui.bridge import Bridge, Latest
from studio.ui.buttons import button
from studio.ui.forms import Form
from studio.ui.panels import Card, Hairline, Line, scrolling
from studio.ui.train.inputs import Inputs

_PAUSE = 250
BUDGET = (
    Parameter(name="steps", kind="integer", default=2000, help="How many updates.", minimum=1, maximum=200_000, logarithmic=True),
    Parameter(
        name="minutes", kind="number", default=0.0, unit="min", minimum=0, maximum=100_000,
        help="Stop after so many minutes of training; 0 for no limit.", basic=False,
    ),
    Parameter(
        name="batch_size", kind="integer", default=64, help="Samples in one step.", minimum=1, maximum=1024, logarithmic=True
    ),
    Parameter(name="seed", kind="integer", default=0, help="The same seed gives the same run.", minimum=0, basic=False),
    Parameter(
        name="precision", kind="choice", default="float32", choices=("float32", "auto", "bfloat16", "float16"), basic=False,
        help="Numbers used in training; half precision pays on GPUs.",
    ),
)  # fmt: skip


class Setup(Card):
    """Asks for an estimate after each change and offers to start.

    Signals:
        started: Start was pressed: the request.
    """

    started = Signal(object)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._method: Method | None = None
        self._data: DatasetInfo | None = None
        self._models: list[ModelInfo] = []
        self._methods: list[Method] = []
        self._devices: tuple[str, ...] = ("auto", "cpu")
        self._preferred = "auto"
        self.form: Form = Form(())
        self.inputs = Inputs()
        self.budget = Form(())
        self._estimates = Latest(self._ask_estimate)
        self._pause = QTimer(self, interval=_PAUSE, singleShot=True)
        self._pause.timeout.connect(self._estimate)
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 12, 0, 12)
        column.setSpacing(8)
        self._title = Line("Choose a method", theme.strong("section"))
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(16, 4, 16, 4)
        self._column.setSpacing(12)
        head = QVBoxLayout()
        head.setContentsMargins(16, 0, 16, 0)
        head.addWidget(self._title)
        column.addLayout(head)
        column.addWidget(scrolling(inner), 1)
        column.addWidget(Hairline())
        foot = QVBoxLayout()
        foot.setContentsMargins(16, 4, 16, 0)
        foot.setSpacing(4)
        self.estimate_line = Line("", theme.mono())
        self._basis = Line("", theme.font("caption"), dim=True)
        self.start = button("Start training", self._start, look="primary")
        self.start.setEnabled(False)
        for widget in (self.estimate_line, self._basis):
            foot.addWidget(widget)
        foot.addSpacing(4)
        foot.addWidget(self.start)
        column.addLayout(foot)

    def show_method(self, method: Method) -> None:
        """Build the form of a method."""
        self._method = method
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self.form = Form(method.parameters)
        self.inputs = Inputs(method.inputs)
        self._offer()
        self.budget = Form([*BUDGET, self._device()])
        parts = [self.form, *([self.inputs] if method.inputs else []), Hairline(), self.budget]
        for part in parts:
            self._column.addWidget(part)
        self._column.addStretch(1)
        self._column.activate()
        for form in (self.form, self.budget):
            form.changed.connect(lambda _: self._pause.start())
            form.validity.connect(lambda _: self._check())
        self.inputs.changed.connect(self._check)
        self._check()

    def show_data(self, data: DatasetInfo | None) -> None:
        """Train on this dataset."""
        self._data = data
        self._offer()
        self._check()

    def show_models(self, models: list[ModelInfo], methods: list[Method]) -> None:
        """What teachers and autoencoders there are."""
        self._models, self._methods = models, methods
        self._offer()

    def show_devices(self, devices: tuple[str, ...]) -> None:
        """What can be trained on."""
        self._devices = ("auto", *dict.fromkeys(devices))

    def prefer_device(self, device: str) -> None:
        """Train there unless the form says otherwise."""
        self._preferred = device
        self.budget.set_values({"device": self._default_device()} if self._method else {})

    def take_preset(self, values: dict[str, Any]) -> None:
        """Set what a preset sets and leave the rest at its default."""
        self.form.reset()
        self.form.set_values(values)
        self.budget.set_values(values)
        self._pause.start()

    def request(self) -> TrainRequest | None:
        """What Start would ask for; None while something is missing."""
        if self.obstacle() or self._method is None or self._data is None:
            return None
        chosen = self.budget.values()
        return TrainRequest(
            method=self._method.id, dataset=self._data.card.id, params=self.form.values(),
            inputs=self.inputs.values(),
            budget=Budget(steps=chosen["steps"], seconds=chosen["minutes"] * 60 or None), batch_size=chosen["batch_size"],
            seed=chosen["seed"], device=chosen["device"], precision=chosen["precision"],
            title=f"{self._method.title} on {self._data.card.title}",
        )  # fmt: skip

    def obstacle(self) -> str:
        """Why it cannot start, in words; empty where it can."""
        if self._method is None:
            return "Choose a method."
        if self._data is None:
            return "Choose data to train on."
        if self._data.card.kind not in self._method.kinds:
            return f"{self._method.title} does not learn from {self._data.card.title}: choose other data."
        if missing := self.inputs.missing():
            return f"{self._method.title} needs a trained model as {missing}: train that first."
        return "" if self.form.valid and self.budget.valid else "Correct the marked values."

    def _offer(self) -> None:
        self.inputs.offer(self._models, self._methods, self._data.signature if self._data else None)

    def _device(self) -> Parameter:
        return Parameter(
            name="device",
            kind="choice",
            default=self._default_device(),
            choices=self._devices,
            basic=False,
            help="Where to train; auto takes the fastest.",
        )

    def _default_device(self) -> str:
        return self._preferred if self._preferred in self._devices else "auto"

    def _check(self) -> None:
        why = self.obstacle()
        title = f"{self._method.title} on {self._data.card.title}" if self._method and self._data else "Choose a method"
        self._title.setText(title)
        self.start.setEnabled(not why)
        self.start.setToolTip(why)
        self.estimate_line.setText("")
        self._basis.setText(why or "Estimating time and memory…")
        if not why:
            self._pause.start()

    def _estimate(self) -> None:
        if (request := self.request()) is not None:
            self._estimates.want(request)

    def _ask_estimate(self, request: TrainRequest, done: Any) -> None:
        def take(estimate: Estimate) -> None:
            if not self.obstacle():
                self._show_estimate(estimate)
            done()

        def miss(why: str, details: str) -> None:
            self.estimate_line.setText("")
            self._basis.setText(why)
            done()

        self._bridge.ask("estimate", take, miss, request)

    def _show_estimate(self, estimate: Estimate) -> None:
        time = f"about {measures.duration(estimate.seconds)}" if estimate.seconds is not None else "time unknown"
        self.estimate_line.setText(f"{time} · {measures.size(estimate.memory)} · {measures.amount(estimate.parameters)} weights")
        self._basis.setText(estimate.basis)

    def _start(self) -> None:
        if (request := self.request()) is not None:
            self.started.emit(request)
