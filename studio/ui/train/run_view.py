"""One run, followed: previews, curves, what happened, and the buttons that steer it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout

from studio.api.events import Entry, Failed, Preview, Step
from studio.engine.engine import RunInfo
from studio.ui import theme
from studio.ui.bridge import Bridge
from studio.ui.buttons import button
from studio.ui.panels import Card, Line
from studio.ui.status_strip import Bar, progress
from studio.ui.train.filmstrip import Filmstrip
from studio.ui.train.wording import sentence, state

if TYPE_CHECKING:
    from studio.ui.train.curves import Curves

_POLL = 250
_LIVE = ("queued", "running")


class RunView(Card):
    """Follows the chosen run while it is seen.

    Signals:
        show_model: "Show in arena" was pressed: the model's reference.
        failure: the run's failure with its traceback was asked for.
    """

    show_model = Signal(str)
    failure = Signal(str, str)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.run: RunInfo | None = None
        self._after = -1
        self._busy = False
        self._curves: Curves | None = None
        self._failed: Failed | None = None
        self._timer = QTimer(self, interval=_POLL)
        self._timer.timeout.connect(self._poll)
        self._build()

    def _build(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(self._heading())
        self._bar = Bar(width=0)
        column.addWidget(self._bar)
        self.film = Filmstrip(self._bridge)
        column.addWidget(self.film)
        lower = QHBoxLayout()
        lower.setSpacing(16)
        self._plots = QVBoxLayout()
        lower.addLayout(self._plots, 3)
        self.log = QListWidget()
        self.log.setAccessibleName("What happened")
        self.log.setFrameShape(QFrame.Shape.NoFrame)
        self.log.setFont(theme.font("caption"))
        self.log.setWordWrap(True)
        self.log.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.log.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        lower.addWidget(self.log, 2)
        column.addLayout(lower, 1)

    def _heading(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        names = QVBoxLayout()
        names.setSpacing(2)
        self._title = Line("", theme.strong("section"))
        self._state = Line("", theme.mono(), dim=True)
        names.addWidget(self._title)
        names.addWidget(self._state)
        row.addLayout(names, 1)
        self.details = button("Details", self._tell_failure)
        self.pause = button("Pause", lambda: self._steer("pause"), glyph="pause")
        self.resume = button("Resume", lambda: self._steer("resume"), glyph="play")
        self.cancel = button("Cancel", lambda: self._steer("cancel"), glyph="close")
        self.show_it = button("Show in arena", self._show_model, look="primary")
        for widget in (self.details, self.pause, self.resume, self.cancel, self.show_it):
            row.addWidget(widget)
        return row

    def follow(self, run: RunInfo) -> None:
        """Show this run; the same one is only brought up to date."""
        fresh = self.run is None or self.run.id != run.id
        live = fresh or self.run is None or self.run.state in _LIVE or run.state != self.run.state
        self.run = run
        if fresh:
            self._forget()
        self._title.setText(run.title)
        self._state.setText(state(run) + (f"  ·  {run.reason}" if run.reason else ""))
        self._bar.show_share(1.0 if run.state == "done" else progress(run))
        self.pause.setVisible(run.state == "running")
        self.resume.setVisible(run.state in ("paused", "lost", "cancelled", "failed"))
        self.cancel.setVisible(run.state in (*_LIVE, "paused"))
        self.show_it.setVisible(run.model is not None)
        self.details.setVisible(run.state == "failed")
        if live:
            self._poll()

    def watch(self, on: bool) -> None:
        """Poll while the view is seen."""
        (self._timer.start if on else self._timer.stop)()

    def _forget(self) -> None:
        self._after, self._busy, self._failed = -1, False, None
        self.log.clear()
        if self._curves is not None:
            self._curves.clear()
        if self.run is not None:
            self.film.follow(self.run.id)

    def _poll(self) -> None:
        if self.run is None or self._busy:
            return
        self._busy = True
        id = self.run.id
        self._bridge.ask("events", lambda entries: self._take(id, entries), lambda *_: self._free(id), id, self._after)

    def _free(self, id: str) -> None:
        if self.run is not None and self.run.id == id:
            self._busy = False

    def _take(self, id: str, entries: Sequence[Entry]) -> None:
        if self.run is None or self.run.id != id:
            return
        self._busy = False
        if not entries:
            return
        self._after = entries[-1].seq
        if steps := [entry.event for entry in entries if isinstance(entry.event, Step)]:
            self._plot().add(steps)
        self.film.add([entry.event for entry in entries if isinstance(entry.event, Preview)])
        for entry in entries:
            self._tell(entry)

    def _plot(self) -> "Curves":
        if self._curves is None:
            from studio.ui.train.curves import Curves

            self._curves = Curves()
            self._plots.addWidget(self._curves)
        return self._curves

    def _tell(self, entry: Entry) -> None:
        if isinstance(entry.event, Failed):
            self._failed = entry.event
        if (said := sentence(entry.event)) is None:
            return
        token, text = said
        item = QListWidgetItem(text)
        item.setForeground(QColor(theme.colour(token)))
        self.log.addItem(item)
        self.log.scrollToBottom()

    def _steer(self, call: str) -> None:
        if self.run is not None:
            self._bridge.ask(call, lambda _: self._poll(), None, self.run.id)

    def _show_model(self) -> None:
        if self.run is not None and self.run.model:
            self.show_model.emit(self.run.model)

    def _tell_failure(self) -> None:
        if self._failed is not None:
            self.failure.emit(self._failed.error, self._failed.traceback)
