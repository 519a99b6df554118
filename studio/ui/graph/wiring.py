"""Dragging a link: from a port, or off the end it lies on, to a port that takes it or to the empty canvas."""

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsPathItem

from studio.engine.graph.document import Graph, Link
from studio.ui.graph.editing import Editing
from studio.ui.graph.geometry import curve
from studio.ui.graph.linking import End, Refusal, feeding, refusal, welcoming
from studio.ui.graph.scene import GraphScene


class Wiring(QObject):
    """The link being dragged, if any.

    Signals:
        refused: why the link may not go to the port under the cursor; None when it may or there is none.
        dropped: a link was let go over the empty canvas: its end, and where.
    """

    refused = Signal(object)
    dropped = Signal(object, QPointF)

    def __init__(self, scene: GraphScene, editing: Editing, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._editing = editing
        self._fixed: End | None = None
        self._lifted: Link | None = None
        self._strand = QGraphicsPathItem()
        self._strand.setZValue(10)
        self._strand.hide()
        scene.addItem(self._strand)

    @property
    def active(self) -> bool:
        """Whether a link is being dragged."""
        return self._fixed is not None

    def begin(self, end: End, point: QPointF) -> None:
        """Start at a port; an input that is linked gives its link away."""
        graph = self._editing.graph
        self._lifted = None if end.output else feeding(graph, end.node, end.port)
        self._fixed = End(self._lifted.source, self._lifted.output, True) if self._lifted else end
        self._hide_lifted(True)
        self._scene.light_up([self._fixed, *welcoming(self._unlifted(), self._editing.catalog, self._fixed)])
        self._strand.setPen(QPen(self._colour(self._fixed), 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        self._strand.show()
        self.move(point)

    def move(self, point: QPointF) -> None:
        """Follow the cursor."""
        fixed = self._fixed
        if fixed is None:
            return
        over = self._scene.end_at(point)
        refused = self._refusal(over)
        free = self._scene.port_position(over) if over and not refused else point
        here = self._scene.port_position(fixed)
        self._strand.setPath(curve(here, free) if fixed.output else curve(free, here))
        self.refused.emit(refused)

    def finish(self, point: QPointF) -> None:
        """Let go: connect, disconnect, move, or offer nodes that fit."""
        fixed, lifted, over = self._fixed, self._lifted, self._scene.end_at(point)
        self.cancel()
        if fixed is None:
            return
        if over is not None:
            self._join(fixed, over, lifted)
        elif lifted is not None:
            self._editing.disconnect(lifted)
        else:
            self.dropped.emit(fixed, point)

    def _join(self, fixed: End, over: End, lifted: Link | None) -> None:
        kept = lifted and (over.node, over.port) == (lifted.target, lifted.input)
        if over != fixed and not kept:
            self.refused.emit(self._editing.connect(fixed, over, instead_of=lifted))

    def cancel(self) -> None:
        """Drop the strand; nothing changes."""
        self._hide_lifted(False)
        self._fixed = self._lifted = None
        self._strand.hide()
        self._scene.light_up(None)
        self.refused.emit(None)

    def _hide_lifted(self, hidden: bool) -> None:
        if self._lifted and self._lifted in self._scene.links:
            self._scene.links[self._lifted].setVisible(not hidden)

    def _refusal(self, over: End | None) -> Refusal | None:
        if self._fixed is None or over is None or over == self._fixed:
            return None
        return refusal(self._unlifted(), self._editing.catalog, self._fixed, over)

    def _unlifted(self) -> Graph:
        graph = self._editing.graph
        return graph.disconnect(self._lifted) if self._lifted else graph

    def _colour(self, end: End) -> QColor:
        return self._scene.look.port_colour(self._editing.graph, end)
