"""One preview of a run, large: the plane with its layers where samples are points, else the samples themselves."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from studio.api.events import Preview
from studio.engine.engine import DatasetInfo
from studio.engine.plane import Plane
from studio.ui import measures
from studio.ui.bridge import Bridge, Latest
from studio.ui.buttons import glyph_button
from studio.ui.gallery import Gallery
from studio.ui.panels import caption
from studio.ui.plane.switches import Switches
from studio.ui.plane.view import PlaneView

KEPT = 320


class Closeup(QWidget):
    """Shows the preview that was asked for last; those already seen come from memory.

    Signals:
        replay: the whole training is to be watched again.
    """

    replay = Signal()

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._run = self._dataset = ""
        self._wished: Preview | None = None
        self._seen: dict[str, Plane] = {}
        self._wishes = Latest(self._fetch)
        self._build()

    def _build(self) -> None:
        self.plane, self.gallery, self.switches = PlaneView(), Gallery("", ratio=None), Switches()
        self.gallery.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.gallery.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._square = QWidget()
        self._square.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._stack = QStackedLayout(self._square)
        self._stack.addWidget(self.plane)
        self._stack.addWidget(self.gallery)
        self._step = caption("", mono=True)
        self._below = QWidget()
        row = QHBoxLayout(self._below)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(glyph_button("play", "Watch the training again", self.replay.emit, size=14), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.switches, 1)
        row.addWidget(self._step, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._square, 100)
        column.addWidget(self._below)
        column.addStretch(1)
        self.switches.changed.connect(self._draw)

    def follow(self, run: str, dataset: str) -> None:
        """Show another run."""
        self._run, self._dataset = run, dataset
        self._wished = None
        self._seen = {}
        self._stack.setCurrentWidget(self.gallery)
        self.gallery.show_rendering(None)
        self.plane.show_plane(None, frozenset())
        self.plane.show_data(None)
        self.switches.forget()
        self.switches.hide()
        self._step.setText("")

    def take_room(self, side: int, *, switches: bool) -> None:
        """Be a square of `side`, above the switches where there is room for them."""
        self.setFixedWidth(side)
        self._square.setMaximumHeight(side)
        self._below.setVisible(switches)

    def show_preview(self, preview: Preview) -> None:
        """Show this preview as soon as it is there."""
        self._wished = preview
        if preview.file in self._seen:
            self._draw()
        else:
            self._wishes.want((self._run, preview.file))

    def _fetch(self, wish: tuple[str, str], done: Callable[[], None]) -> None:
        def take(plane: Plane) -> None:
            self._take(*wish, plane)
            done()

        self._bridge.ask("plane", take, lambda *_: done(), *wish)

    def _take(self, run: str, file: str, plane: Plane) -> None:
        if run != self._run:
            return
        first = not self._seen
        self._seen[file] = plane
        while len(self._seen) > KEPT:
            self._seen.pop(next(iter(self._seen)))
        if first and plane.samples.kind == "points":
            self._bridge.ask("inspect_dataset", lambda info: self._take_data(run, info), lambda *_: None, self._dataset)
        self._draw()

    def _take_data(self, run: str, info: DatasetInfo) -> None:
        if run == self._run:
            self.plane.show_data(info.thumbnails)

    def _draw(self, *_: Any) -> None:
        if self._wished is None or (plane := self._seen.get(self._wished.file)) is None:
            return
        planar = plane.samples.kind == "points"
        self._stack.setCurrentWidget(self.plane if planar else self.gallery)
        self.switches.setVisible(planar)
        self._step.setText(f"step {measures.amount(self._wished.step)}")
        if planar:
            self.switches.offer(plane.layers)
            self.plane.show_plane(plane, self.switches.on())
        else:
            self.gallery.show_rendering(plane.samples)
