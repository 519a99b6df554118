"""Previews of a run over time: the same noise, better and better."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.events import Preview
from studio.engine.rendering import Rendering
from studio.ui import drawing, measures, theme
from studio.ui.bridge import Bridge

SIDE, GAP, SAMPLES = 84, 12, 4


class Filmstrip(QWidget):
    """As many previews as fit, evenly spread from the first to the newest."""

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._run = ""
        self._previews: list[Preview] = []
        self._seen: dict[str, Rendering] = {}
        self._asked: set[str] = set()
        self.setFixedHeight(SIDE + 18)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def follow(self, run: str) -> None:
        """Show another run's previews."""
        self._run, self._previews = run, []
        self._seen, self._asked = {}, set()
        self.update()

    def add(self, previews: list[Preview]) -> None:
        """Take newer previews."""
        self._previews += previews
        self.update()

    def shown(self) -> list[Preview]:
        """The previews that fit."""
        room = max(1, (self.width() + GAP) // (SIDE + GAP))
        count = len(self._previews)
        if count <= room:
            return self._previews
        return [self._previews[round(k * (count - 1) / max(1, room - 1))] for k in range(room)]

    def _ask(self, file: str) -> None:
        if file not in self._asked:
            self._asked.add(file)
            run = self._run
            self._bridge.ask("preview", lambda rendering: self._take(run, file, rendering), lambda *_: None, run, file)

    def _take(self, run: str, file: str, rendering: Rendering) -> None:
        if run == self._run:
            self._seen[file] = rendering
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        if not self._previews:
            painter.setPen(theme.colour("dim"))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), "The first preview comes before the first step.")
        for k, preview in enumerate(self.shown()):
            place = QRectF(k * (SIDE + GAP), 0, SIDE, SIDE)
            if preview.file in self._seen:
                drawing.paint(painter, place, drawing.first(self._seen[preview.file], SAMPLES))
            else:
                painter.fillRect(place, theme.colour("raised"))
                self._ask(preview.file)
            painter.setFont(theme.mono("caption"))
            painter.setPen(theme.colour("dim"))
            below = QRectF(place.x(), SIDE + 2, SIDE, 16)
            painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), measures.amount(preview.step))
