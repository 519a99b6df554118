"""A node on the canvas: one item, everything in it painted."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from studio.engine.graph.document import GraphNode
from studio.engine.rendering import Rendering
from studio.ui.graph.geometry import Layout, lay_out
from studio.ui.graph.look import Face, Look
from studio.ui.graph.node_painting import caption_height, paint_block, paint_node
from studio.ui.graph.outcome import IDLE, Outcome

if TYPE_CHECKING:
    from studio.ui.graph.scene import GraphScene

COARSE = 0.35


class NodeItem(QGraphicsItem):
    """Shows one node and its last execution.

    Attributes:
        lit: the ports that a dragged link may go to, None when no link is dragged.
    """

    def __init__(self, id: str, look: Look, face: Face) -> None:
        super().__init__()
        self.id = id
        self.look = look
        self.face = face
        self.outcome: Outcome = IDLE
        self.lit: Collection[tuple[str, bool]] | None = None
        self.picture = QPixmap()
        self.layout: Layout = lay_out(face.type, 0, None)
        for flag in ("ItemIsSelectable", "ItemIsMovable", "ItemSendsGeometryChanges"):
            self.setFlag(getattr(QGraphicsItem.GraphicsItemFlag, flag))

    def show_node(self, node: GraphNode, face: Face) -> None:
        """Take the place and the face of `node`."""
        self.setPos(*node.position)
        if face != self.face or self.layout.values == ():
            self.face = face
            self.setToolTip(face.type.summary)
            self._lay_out()

    def show_outcome(self, outcome: Outcome) -> None:
        """Show another state of execution."""
        if outcome == self.outcome:
            return
        if outcome.rendering is not self.outcome.rendering:
            self._picture_of(outcome.rendering)
        self.outcome = outcome
        self._lay_out()

    def _picture_of(self, rendering: Rendering | None) -> None:
        self.picture = self.look.thumbnail(rendering) if rendering else QPixmap()

    def _lay_out(self) -> None:
        size = None if self.picture.isNull() else self.picture.deviceIndependentSize()
        layout = lay_out(self.face.type, len(self.face.values), size, caption_height(self))
        if layout != self.layout:
            self.prepareGeometryChange()
            self.layout = layout
        self.update()

    def refresh(self) -> None:
        """Paint anew in other colours."""
        self._picture_of(self.outcome.rendering)
        self._lay_out()

    def light_up(self, ports: Collection[tuple[str, bool]] | None) -> None:
        """Mark the ports that a dragged link may go to."""
        if ports != self.lit:
            self.lit = ports
            self.update()

    def body_in_scene(self) -> QRectF:
        """The node without the room for glow and ports."""
        return self.layout.body.translated(self.pos())

    def boundingRect(self) -> QRectF:  # noqa: N802
        return self.layout.reach

    def itemChange(self, change: QGraphicsItem.GraphicsItemChange, value: Any) -> Any:  # noqa: N802
        if change == QGraphicsItem.GraphicsItemChange.ItemPositionHasChanged and self.scene():
            cast("GraphScene", self.scene()).node_moved(self.id)
        elif change == QGraphicsItem.GraphicsItemChange.ItemSelectedHasChanged:
            self.setZValue(1 if self.isSelected() else 0)
        return super().itemChange(change, value)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if option.levelOfDetailFromTransform(painter.worldTransform()) < COARSE:
            paint_block(painter, self)
        else:
            paint_node(painter, self)
