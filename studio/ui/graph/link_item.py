"""A link on the canvas: a curve in the colour of what flows through it."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPainterPathStroker, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from studio.engine.graph.document import Link
from studio.ui.graph.node_item import COARSE


class LinkItem(QGraphicsItem):
    """One link; its path and its outline for the mouse are made once per move."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self.link = link
        self.colour = QColor()
        self._path = QPainterPath()
        self._outline = QPainterPath()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemIsSelectable)
        self.setZValue(-1)

    def take_colour(self, colour: QColor) -> None:
        """Be painted in `colour`."""
        if colour != self.colour:
            self.colour = colour
            self.update()

    def follow(self, path: QPainterPath) -> None:
        """Lie along `path`."""
        if path == self._path:
            return
        self.prepareGeometryChange()
        self._path = path
        stroker = QPainterPathStroker()
        stroker.setWidth(10)
        self._outline = stroker.createStroke(path)

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self._path.controlPointRect().adjusted(-5, -5, 5, 5)

    def shape(self) -> QPainterPath:
        return self._outline

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        detail = option.levelOfDetailFromTransform(painter.worldTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, detail >= COARSE)
        painter.setPen(QPen(self.colour, 3.5 if self.isSelected() else 2.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPath(self._path)
