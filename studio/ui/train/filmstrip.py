"""Previews of a run over time: the same noise, better and better; drag along them to look back."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.events import Preview
from studio.engine.rendering import Rendering
from studio.ui import drawing, measures, theme
from studio.ui.bridge import Bridge

SIDE, GAP, SAMPLES = 84, 12, 4
_FRAME, _SECONDS = 50, 6.0


class Filmstrip(QWidget):
    """As many previews as fit, evenly spread from the first to the newest; one of them all is chosen, usually the newest.

    Signals:
        chosen: another preview is chosen, by hand or because it is new.
    """

    chosen = Signal(object)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._run = ""
        self._previews: list[Preview] = []
        self._index: int | None = None
        self._seen: dict[str, Rendering] = {}
        self._thumbnails: dict[str, QPixmap] = {}
        self._asked: set[str] = set()
        self._play = QTimer(self)
        self._play.timeout.connect(self._advance)
        self.setFixedHeight(SIDE + 22)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Previews over time")
        self.setToolTip("Drag along the previews to look back; End follows the training again.")
        theme.changes.changed.connect(self._thumbnails.clear)

    def follow(self, run: str) -> None:
        """Show another run's previews."""
        self._run, self._previews, self._index = run, [], None
        self._seen, self._asked = {}, set()
        self._thumbnails.clear()
        self._play.stop()
        self.update()

    def add(self, previews: list[Preview]) -> None:
        """Take newer previews; the newest is chosen unless the user looks back."""
        if not previews:
            return
        self._previews += previews
        if self._index is None:
            self.chosen.emit(self._previews[-1])
        self.update()

    @property
    def index(self) -> int:
        """The chosen preview among all of them, -1 where there are none."""
        return len(self._previews) - 1 if self._index is None else self._index

    def choose(self, index: int) -> None:
        """Look back at one of the previews; the last one is followed by newer ones."""
        if not self._previews:
            return
        last = len(self._previews) - 1
        index = max(0, min(last, index))
        moved = index != self.index
        self._index = None if index == last else index
        if moved:
            self.chosen.emit(self._previews[index])
            self.update()

    def replay(self) -> None:
        """Show all previews one after the other, in about six seconds."""
        self.choose(0)
        self._play.start(max(_FRAME, round(1000 * _SECONDS / max(1, len(self._previews)))))

    def _advance(self) -> None:
        self.choose(self.index + 1)
        if self._index is None:
            self._play.stop()

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
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._previews:
            painter.setPen(theme.colour("dim"))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), "The first preview comes before the first step.")
            return
        for k, preview in enumerate(self.shown()):
            self._paint_preview(painter, preview, k * (SIDE + GAP))
        self._paint_place(painter)

    def _paint_preview(self, painter: QPainter, preview: Preview, left: int) -> None:
        if preview.file in self._seen:
            painter.drawPixmap(left, 0, self._thumbnail(preview.file))
        else:
            painter.fillRect(QRectF(left, 0, SIDE, SIDE), theme.colour("raised"))
            self._ask(preview.file)
        painter.setFont(theme.mono("caption"))
        painter.setPen(theme.colour("dim"))
        below = QRectF(left, SIDE + 6, SIDE, 16)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), measures.amount(preview.step))

    def _thumbnail(self, file: str) -> QPixmap:
        if file not in self._thumbnails:
            rendering = drawing.first(self._seen[file], SAMPLES)
            self._thumbnails[file] = drawing.thumbnail(rendering, QSize(SIDE, SIDE), self.devicePixelRatioF())
        return self._thumbnails[file]

    def _paint_place(self, painter: QPainter) -> None:
        """A thin line through time and a mark where the chosen preview is."""
        length = len(self.shown()) * (SIDE + GAP) - GAP - SIDE
        place = SIDE / 2 + length * self.index / max(1, len(self._previews) - 1)
        painter.setPen(QPen(theme.colour("line"), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(SIDE // 2, SIDE + 4, SIDE // 2 + length, SIDE + 4)
        painter.setPen(QPen(theme.colour("accent"), 4 if self.hasFocus() else 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLine(round(place - 7), SIDE + 4, round(place + 7), SIDE + 4)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._scrub(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._scrub(event.position().x())

    def _scrub(self, x: float) -> None:
        self._play.stop()
        length = max(1, len(self.shown()) * (SIDE + GAP) - GAP - SIDE)
        self.choose(round((len(self._previews) - 1) * max(0.0, min(1.0, (x - SIDE / 2) / length))))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key, last = Qt.Key, len(self._previews) - 1
        places = {key.Key_Left: self.index - 1, key.Key_Right: self.index + 1, key.Key_Home: 0, key.Key_End: last}
        if (place := places.get(key(event.key()))) is None:
            super().keyPressEvent(event)
            return
        self._play.stop()
        self.choose(place)
