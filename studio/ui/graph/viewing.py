"""Looking at a graph: wheel zooms about the cursor, the middle button or space drags, F fits."""

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsView, QWidget

from studio.ui import theme
from studio.ui.graph.scene import GraphScene

SMALLEST, LARGEST = 0.08, 2.5
EVERYWHERE = QRectF(-2e6, -2e6, 4e6, 4e6)
GRID = 24
MARGIN = 48
DOTS_FROM = 0.45


class Viewing(QGraphicsView):
    """A view of a graph that can be moved and scaled without end."""

    viewed = Signal()

    def __init__(self, scene: GraphScene, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.graph_scene = scene
        self._grabbed: QPoint | None = None
        self._space = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSceneRect(EVERYWHERE)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.centerOn(0, 0)
        self.horizontalScrollBar().valueChanged.connect(self.viewed)
        self.verticalScrollBar().valueChanged.connect(self.viewed)

    @property
    def scale_factor(self) -> float:
        """Screen units per scene unit."""
        return self.transform().m11()

    def zoom(self, factor: float, at: QPoint | None = None) -> None:
        """Zoom by `factor`, keeping what is under `at` (the middle) where it is."""
        pivot = at or self.viewport().rect().center()
        before = self.mapToScene(pivot)
        allowed = min(max(self.scale_factor * factor, SMALLEST), LARGEST) / self.scale_factor
        self.scale(allowed, allowed)
        self._shift(self.mapFromScene(before) - pivot)
        self.viewed.emit()

    def fit(self, only: QRectF | None = None) -> None:
        """Show everything (or the rectangle `only`), never larger than life."""
        extent = only or self.graph_scene.extent()
        if extent.isEmpty():
            return
        room = self.viewport().rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        scale = min(1.0, room.width() / extent.width(), room.height() / extent.height())
        self.resetTransform()
        self.scale(max(scale, SMALLEST), max(scale, SMALLEST))
        self.centerOn(extent.center())
        self.viewed.emit()

    def seen(self) -> QRectF:
        """The part of the scene in view."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def _shift(self, by: QPoint) -> None:
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + by.x())
        self.verticalScrollBar().setValue(self.verticalScrollBar().value() + by.y())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        self.zoom(1.0015 ** event.angleDelta().y(), event.position().toPoint())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        middle = event.button() == Qt.MouseButton.MiddleButton
        if middle or (self._space and event.button() == Qt.MouseButton.LeftButton):
            self._grabbed = event.position().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._grabbed is None:
            super().mouseMoveEvent(event)
            return
        here = event.position().toPoint()
        self._shift(self._grabbed - here)
        self._grabbed = here

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._grabbed is None:
            super().mouseReleaseEvent(event)
            return
        self._grabbed = None
        self._point_as_usual()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = True
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            self._point_as_usual()
        super().keyReleaseEvent(event)

    @property
    def is_panning(self) -> bool:
        """Whether the mouse moves the view."""
        return self._space or self._grabbed is not None

    def release_space(self) -> None:
        """Forget the space bar, whose release goes elsewhere."""
        self._space = False
        self._point_as_usual()

    def _point_as_usual(self) -> None:
        if self._space:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.viewport().unsetCursor()

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:  # noqa: N802
        area = QRectF(rect)
        painter.fillRect(area, theme.colour("ground"))
        if self.scale_factor >= DOTS_FROM:
            _dots(painter, area, theme.colour("line"))


def _dots(painter: QPainter, area: QRectF, colour: QColor) -> None:
    left, top = int(area.left() // GRID) * GRID, int(area.top() // GRID) * GRID
    columns, rows = range(left, int(area.right()) + GRID, GRID), range(top, int(area.bottom()) + GRID, GRID)
    painter.setPen(QPen(colour, 1.4))
    painter.drawPoints(QPolygonF([QPointF(x, y) for x in columns for y in rows]))
