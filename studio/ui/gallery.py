"""Samples side by side: click one (or walk with the arrow keys) to choose it; a sound is played."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QCursor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.engine.rendering import Rendering
from studio.ui import drawing, listening, theme

MARGIN = 3


class Gallery(QWidget):
    """Shows a `Rendering` as large as it fits.

    Args:
        words: said while there is nothing to show.
        ratio: height by width that the gallery asks for, None where the layout decides.
    """

    chosen = Signal(int)

    def __init__(self, words: str = "", ratio: float | None = 1.0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words, self._ratio = words, ratio
        self._rendering: Rendering | None = None
        self._pixmap: QPixmap | None = None
        self._selected: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Samples")
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(ratio is not None)
        self.setSizePolicy(policy)
        theme.changes.changed.connect(self._forget)

    @property
    def rendering(self) -> Rendering | None:
        """What is shown."""
        return self._rendering

    @property
    def selected(self) -> int | None:
        """The chosen sample."""
        return self._selected

    def show_rendering(self, rendering: Rendering | None) -> None:
        """Show other samples."""
        self._rendering = rendering
        self.updateGeometry()
        self._forget()

    def say(self, words: str) -> None:
        """The words shown where there are no samples."""
        self._words = words
        self.update()

    def select(self, index: int | None) -> None:
        """Mark a sample without announcing it."""
        self._selected = index
        self.update()

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        shown, ratio = self._rendering, self._ratio or 1.0
        if shown is not None and shown.kind == "pictures" and shown.count == 1:
            ratio = min(ratio, shown.height / shown.width + 2 * MARGIN / max(1, width))
        return round(width * ratio)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return self._ratio is not None

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(220, round(220 * (self._ratio or 0.6)))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        if self._rendering is None:
            painter.setPen(theme.colour("dim"))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), self._words)
        else:
            painter.drawPixmap(0, 0, self._composed(self._rendering))
            self._paint_marks(painter, self._rendering)

    def _composed(self, rendering: Rendering) -> QPixmap:
        if self._pixmap is None:
            ratio = self.devicePixelRatioF()
            self._pixmap = QPixmap(self.size() * ratio)
            self._pixmap.setDevicePixelRatio(ratio)
            self._pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._pixmap)
            drawing.paint(painter, self._area(), rendering)
            painter.end()
        return self._pixmap

    def _paint_marks(self, painter: QPainter, rendering: Rendering) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._selected is not None and rendering.kind == "points" and self._selected < len(rendering.points):
            painter.setPen(QPen(theme.colour("warn"), 2))
            painter.drawEllipse(drawing.positions(rendering, self._area())[self._selected], 6, 6)
        elif self._selected is not None and self._selected < len(places := drawing.tiles(rendering, self._area())):
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRoundedRect(places[self._selected].adjusted(-1, -1, 1, 1), 3, 3)
        if self.hasFocus() and self._selected is None:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.RADIUS["chip"], theme.RADIUS["chip"])

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)

    def _forget(self) -> None:
        self._pixmap = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._forget()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if (index := self._at(event.position().x(), event.position().y())) is not None:
            self._choose(index)

    def _at(self, x: float, y: float) -> int | None:
        rendering = self._rendering
        if rendering is None or rendering.kind == "numbers":
            return None
        if rendering.kind == "points":
            spots = drawing.positions(rendering, self._area())
            return min(range(len(spots)), key=lambda k: (spots[k].x() - x) ** 2 + (spots[k].y() - y) ** 2, default=None)
        places = drawing.tiles(rendering, self._area())
        return next((index for index, place in enumerate(places) if place.contains(x, y)), None)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        move = self._moves().get(Qt.Key(event.key()))
        if move is None or self._rendering is None or not self._rendering.count:
            super().keyPressEvent(event)
            return
        start = -1 if self._selected is None else self._selected
        self._choose(max(0, min(self._rendering.count - 1, start + move if self._selected is not None else 0)))

    def _moves(self) -> dict[Qt.Key, int]:
        wide = drawing.columns(self._rendering, self._area().width(), self._area().height()) if self._rendering else 1
        key = Qt.Key
        return {key.Key_Left: -1, key.Key_Right: 1, key.Key_Up: -wide, key.Key_Down: wide, key.Key_Return: 0, key.Key_Space: 0}

    def _choose(self, index: int) -> None:
        self.select(index)
        self.chosen.emit(index)
        if self._rendering is not None and self._rendering.kind == "audio":
            hear(self, self._rendering, index)


def hear(widget: QWidget, rendering: Rendering, index: int) -> None:
    """Play a sound, or say at the cursor why it cannot be played."""
    if why := listening.play(rendering, index):
        QToolTip.showText(QCursor.pos(), why, widget)
