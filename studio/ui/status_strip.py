"""The strip at the bottom: the provider really in use, the queue with its running run, and how the engine is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from studio.ui import measures, theme
from studio.ui.buttons import glyph_button
from studio.ui.panels import Hairline, Line, caption

if TYPE_CHECKING:
    from studio.engine.engine import Health, RunInfo

HEIGHT = 32


class StatusStrip(QWidget):
    """What goes on, in one line; `cancel` says that the user wants a run to end."""

    cancel = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 12, 0)
        row.setSpacing(12)
        self._machine = caption("")
        self._run = Line("", theme.font("caption"), dim=True)
        self._run.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._bar = Bar()
        self._cancel = glyph_button("close", "Cancel this run", self._ask_cancel, size=12)
        self._cancel.setFixedSize(22, 22)
        self._engine = Lamp()
        self._rule = Hairline(vertical=True)
        self._rule.setFixedHeight(16)
        for widget in (self._machine, self._rule, self._run, self._bar, self._cancel):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._engine)
        self._shown: RunInfo | None = None
        self.show_runs([])

    def show_health(self, health: Health) -> None:
        """Name the provider, the device and the memory in use."""
        self._machine.setText(measures.machine(health.provider, health.device, health.memory))

    def show_runs(self, runs: list[RunInfo]) -> None:
        """Name the running run and how many wait."""
        running = [run for run in runs if run.state == "running"]
        queued = [run for run in runs if run.state == "queued"]
        self._shown = running[0] if running else None
        for widget in (self._rule, self._run, self._bar, self._cancel):
            widget.setVisible(self._shown is not None)
        if self._shown is not None:
            share = progress(self._shown)
            wait = f"queue {len(queued)}  ▸  " if queued else ""
            self._run.setText(f"{wait}{self._shown.title}  {100 * share:.0f} %{_left(self._shown)}")
            self._bar.show_share(share)

    def show_engine(self, state: str, words: str) -> None:
        """Say how the engine is: `state` is "ready", "busy" or "lost"."""
        self._engine.show_state({"ready": "good", "busy": "warn", "lost": "bad"}[state], words)

    def _ask_cancel(self) -> None:
        if self._shown is not None:
            self.cancel.emit(self._shown.id)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("panel"))
        painter.fillRect(QRectF(0, 0, self.width(), 1), theme.colour("line"))


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


class Bar(QWidget):
    """A thin progress bar."""

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        self._share = 0.0
        self._width = width
        self.setFixedHeight(4)
        self.setSizePolicy(QSizePolicy.Policy.Fixed if width else QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, share: float) -> None:
        """Fill the bar to `share`, 0 to 1."""
        self._share = share
        self.setAccessibleName(f"{100 * share:.0f} percent")
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self._width or 96, 4)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
        painter.setBrush(theme.colour("accent"))
        painter.drawRoundedRect(QRectF(0, 0, self._share * self.width(), 4), 2, 2)


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
