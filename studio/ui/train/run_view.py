"""One run, followed: previews, curves, what happened, and the buttons that steer it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from studio.api.card import Method
from studio.api.events import Entry, Failed, Preview, Step
from studio.engine.engine import RunInfo
from studio.ui import theme
from studio.ui.bar import Bar
from studio.ui.bridge import Bridge
from studio.ui.buttons import button, glyph_button
from studio.ui.panels import Card, Line
from studio.ui.status_strip import progress
from studio.ui.train.filmstrip import Filmstrip
from studio.ui.train.wording import sentence, state

if TYPE_CHECKING:
    from studio.ui.train.closeup import Closeup
    from studio.ui.train.curves import Curves

_POLL = 250
_SWITCHES, _NARROW, _LOW = 30, 620, 230
_LIVE = ("queued", "running")


class RunView(Card):
    """Follows the chosen run while it is seen.

    Signals:
        show_model: "Show in arena" was pressed: the model's reference.
        failure: the run's failure with its traceback was asked for.
        enlarged: the run wants all the room, or no longer.
    """

    show_model = Signal(str)
    failure = Signal(str, str)
    enlarged = Signal(bool)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self.run: RunInfo | None = None
        self._after = -1
        self._busy = False
        self._curves: Curves | None = None
        self.closeup: Closeup | None = None
        self._families: dict[str, str] = {}
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
        column.addWidget(self._make_body(), 1)

    def _make_body(self) -> QWidget:
        self._body = QWidget()
        self._body.setMinimumHeight(150)
        row = QHBoxLayout(self._body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        self._near = QVBoxLayout()
        row.addLayout(self._near)
        beside = QVBoxLayout()
        beside.setSpacing(8)
        self.film = Filmstrip(self._bridge)
        self.film.chosen.connect(self._show_preview)
        beside.addWidget(self.film)
        self._lower = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._lower.setSpacing(16)
        self._plots = QVBoxLayout()
        self._lower.addLayout(self._plots, 3)
        self._lower.addWidget(self._make_log(), 2)
        beside.addLayout(self._lower, 1)
        row.addLayout(beside, 1)
        return self._body

    def _make_log(self) -> QListWidget:
        self.log = QListWidget()
        self.log.setAccessibleName("What happened")
        self.log.setFrameShape(QFrame.Shape.NoFrame)
        self.log.setFont(theme.font("caption"))
        self.log.setWordWrap(True)
        self.log.setSelectionMode(QListWidget.SelectionMode.NoSelection)
        self.log.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        return self.log

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
        self.enlarge = glyph_button("fit", "Give the run all the room", lambda: self.enlarged.emit(True))
        self.shrink = button("Set up another", lambda: self.enlarged.emit(False), glyph="plus")
        self.shrink.hide()
        for widget in (self.details, self.pause, self.resume, self.cancel, self.show_it, self.shrink, self.enlarge):
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
            self._follow_closely(self.run)

    def _follow_closely(self, run: RunInfo) -> None:
        if self.closeup is not None:
            self.closeup.follow(run.id, run.request.dataset)
            self._dress(run)

    def _dress(self, run: RunInfo) -> None:
        if self.closeup is not None:
            family = self._families.get(run.request.method)
            self.closeup.plane.dress(theme.family_style(family).hue if family else theme.tokens().accent)

    def know_methods(self, methods: Sequence[Method]) -> None:
        """Whose hue the samples have."""
        self._families = {method.id: method.family for method in methods}
        if self.run is not None:
            self._dress(self.run)

    def show_large(self, on: bool) -> None:
        """Offer the way back from all the room, or the way there."""
        self.enlarge.setVisible(not on)
        self.shrink.setVisible(on)

    def _show_preview(self, preview: Preview) -> None:
        if self.closeup is None:
            from studio.ui.train.closeup import Closeup

            self.closeup = Closeup(self._bridge)
            self.closeup.replay.connect(self.film.replay)
            self._near.addWidget(self.closeup)
            self._fit()
            if self.run is not None:
                self._follow_closely(self.run)
        self.closeup.show_preview(preview)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The close-up is as large a square as leaves the rest its room; a tall and narrow rest stacks curves and words."""
        self.layout().activate()
        room = self._body.size()
        low = room.height() < _LOW
        side = round(min(room.height() - (0 if low else _SWITCHES), 0.62 * room.width()))
        if self.closeup is not None:
            self.closeup.take_room(max(140, side), switches=not low)
        stacked = room.width() - side < _NARROW and not low
        self._lower.setDirection(QBoxLayout.Direction.TopToBottom if stacked else QBoxLayout.Direction.LeftToRight)

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
        if self.log.count() and _continues(text, self.log.item(self.log.count() - 1).text()):
            self.log.takeItem(self.log.count() - 1)
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


def _continues(text: str, before: str) -> bool:
    """Whether two lines tell of one going thing: "Exporting the model: init (1 of 4)"."""
    subject, colon, _ = text.partition(": ")
    return bool(colon) and text.endswith(")") and before.startswith(subject + colon) and before.endswith(")")
