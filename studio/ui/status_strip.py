"""The strip at the bottom: the provider really in use, the queue with its running run, and how the engine is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.ui import measures, theme
from studio.ui.bar import Bar
from studio.ui.buttons import glyph_button
from studio.ui.panels import Hairline, Line, caption

if TYPE_CHECKING:
    from studio.engine.engine import Health, RunInfo
    from studio.engine.intake import Intake

HEIGHT = 32


class StatusStrip(QWidget):
    """What goes on, in one line.

    Signals:
        cancel: the user wants a run to end.
        drop: the user wants a model on its way in to be forgotten.
    """

    cancel = Signal(str)
    drop = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(12)
        self._machine = caption("")
        self._run = Work("Cancel this run")
        self._intake = Work("Stop taking this model in")
        self._run.cancel.connect(self.cancel)
        self._intake.cancel.connect(self.drop)
        self._engine = Lamp()
        for widget in (self._machine, self._run, self._intake):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._engine)

    def show_health(self, health: Health) -> None:
        """Name the provider, the device and the memory in use."""
        self._machine.setText(measures.machine(health.provider, health.device, health.memory))

    def show_runs(self, runs: list[RunInfo]) -> None:
        """Name the running run and how many wait."""
        running = next((run for run in runs if run.state == "running"), None)
        if running is None:
            self._run.rest()
            return
        queued = sum(run.state == "queued" for run in runs)
        share, wait = progress(running), f"queue {queued}  ▸  " if queued else ""
        self._run.show_work(running.id, f"{wait}{running.title}  {100 * share:.0f} %{_left(running)}", share)

    def show_intakes(self, intakes: list[Intake]) -> None:
        """Name the model that is on its way in, and how far it is."""
        going = next((intake for intake in intakes if intake.going), None)
        if going is None:
            self._intake.rest()
            return
        doing = "taking in" if going.state == "taking" else "looking at"
        time = measures.duration(int(going.seconds)) if going.seconds >= 1 else ""
        parts = (f"{doing} {going.title}", _of(going), going.what, time)
        self._intake.show_work(going.id, "  ·  ".join(filter(None, parts)), share_of(going))

    def show_engine(self, state: str, words: str) -> None:
        """Say how the engine is: `state` is "ready", "busy" or "lost"."""
        self._engine.show_state({"ready": "good", "busy": "warn", "lost": "bad"}[state], words)

    def _ask_cancel(self) -> None:
        self._run.ask()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("panel"))
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.colour("line"))


class Work(QWidget):
    """One thing that goes on, behind a rule: words, a bar, and a cross that ends it; nothing while there is none.

    Signals:
        cancel: the id of what the user wants to end.
    """

    cancel = Signal(str)

    def __init__(self, tip: str) -> None:
        super().__init__()
        self._id = ""
        self._words = Line("", theme.font("caption"), dim=True)
        self._words.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._bar = Bar()
        self.button = glyph_button("close", tip, self.ask, size=12)
        self.button.setFixedSize(22, 22)
        rule = Hairline(vertical=True)
        rule.setFixedHeight(16)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        for widget in (rule, self._words, self._bar, self.button):
            row.addWidget(widget)
        self.hide()

    def text(self) -> str:
        """What it says."""
        return self._words.text()

    def show_work(self, id: str, text: str, share: float | None) -> None:
        """Say how far something is; a `share` of None is not known."""
        self._id = id
        self._words.setText(text)
        self._bar.show_share(share)
        self.show()

    def rest(self) -> None:
        """Nothing goes on."""
        self._id = ""
        self.hide()

    def ask(self) -> None:
        """Ask to end what goes on."""
        if self._id:
            self.cancel.emit(self._id)


def progress(run: RunInfo) -> float:
    """The share of its budget that a run has used, 0 to 1."""
    budget = run.request.budget
    shares = [run.step / budget.steps] if budget.steps else []
    if budget.seconds:
        shares.append(run.seconds / budget.seconds)
    if not shares and run.total:
        shares.append(run.step / run.total)
    return min(1.0, max(shares, default=0.0))


def _left(run: RunInfo) -> str:
    share = progress(run)
    return f"  ·  {measures.duration(run.seconds * (1 - share) / share)} left" if share > 0.01 and run.seconds > 1 else ""


def share_of(intake: Intake) -> float | None:
    """How much of a model is there, 0 to 1; None where that is not known yet."""
    return intake.done / intake.total if intake.total and intake.done else None


def _of(intake: Intake) -> str:
    return f"{intake.done} of {intake.total}" if intake.total and intake.done else ""


class Lamp(QWidget):
    """A dot and words; never colour alone."""

    def __init__(self) -> None:
        super().__init__()
        self._token, self._words = "warn", "engine starting…"
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    @property
    def words(self) -> str:
        """What it says."""
        return self._words

    def show_state(self, token: str, words: str) -> None:
        """Colour the dot and say why."""
        self._token, self._words = token, words
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        self.setFont(theme.font("caption"))
        return QSize(self.fontMetrics().horizontalAdvance(self._words) + 22, 20)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(self._token))
        painter.drawEllipse(QRectF(4, self.height() / 2 - 4, 8, 8))
        painter.setPen(theme.colour("dim"))
        painter.setFont(theme.font("caption"))
        painter.drawText(self.rect().adjusted(20, 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), self._words)
