"""The whole graph in the corner, and the part of it in view; a drag moves the view."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.ui import theme
from studio.ui.graph.viewing import Viewing

SIZE = (176, 116)
MARGIN = 8


class Minimap(QWidget):
    """A small picture of all nodes as plain blocks."""

    def __init__(self, view: Viewing) -> None:
        super().__init__(view)
        self._view = view
        self.setAccessibleName("Overview of the graph")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.resize(*SIZE)
        view.viewed.connect(self.update)
        view.graph_scene.moved.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        whole = self._whole()
        painter.setPen(Qt.PenStyle.NoPen)
        for item in self._view.graph_scene.nodes.values():
            painter.setBrush(theme.colour(item.face.hue))
            painter.drawRoundedRect(self._inside(whole, item.body_in_scene()), 1.5, 1.5)
        self._frame(painter, whole)

    def _frame(self, painter: QPainter, whole: QRectF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.colour("accent"), 1.2))
        shown = self._inside(whole, self._view.seen()).intersected(QRectF(self.rect()).adjusted(2, 2, -2, -2))
        painter.drawRoundedRect(shown, 2, 2)

    def _whole(self) -> QRectF:
        return self._view.graph_scene.extent().united(self._view.seen())

    def _scale(self, whole: QRectF) -> float:
        return min((self.width() - 2 * MARGIN) / max(whole.width(), 1), (self.height() - 2 * MARGIN) / max(whole.height(), 1))

    def _inside(self, whole: QRectF, rect: QRectF) -> QRectF:
        scale, middle = self._scale(whole), QRectF(self.rect()).center()
        corner = middle + (rect.topLeft() - whole.center()) * scale
        return QRectF(corner.x(), corner.y(), max(rect.width() * scale, 2), max(rect.height() * scale, 2))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _go(self, point: QPointF) -> None:
        whole = self._whole()
        self._view.centerOn(whole.center() + (point - QRectF(self.rect()).center()) / self._scale(whole))
