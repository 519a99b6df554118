"""The canvas: select, wire and edit a graph with the mouse, or with the keyboard alone."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from studio.api.errors import StudioError
from studio.ui.graph.commands import Commands
from studio.ui.graph.editing import Editing
from studio.ui.graph.geometry import HEADER, WIDTH
from studio.ui.graph.linking import End, Refusal
from studio.ui.graph.minimap import Minimap
from studio.ui.graph.node_item import NodeItem
from studio.ui.graph.reason import Reason
from studio.ui.graph.scene import GraphScene
from studio.ui.graph.search import Search
from studio.ui.graph.viewing import Viewing
from studio.ui.graph.wiring import Wiring

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
CORNER = 16


class Canvas(Viewing):
    """Shows and edits one graph.

    Signals:
        notice: something to tell the user.
        inspect: the user asks for the selected node's form (Return).
    """

    notice = Signal(str)
    inspect = Signal()

    def __init__(self, scene: GraphScene, editing: Editing, parent: QWidget | None = None) -> None:
        super().__init__(scene, parent)
        self.editing = editing
        self.commands = Commands(scene, editing)
        self.wiring = Wiring(scene, editing, self)
        self.search = Search(self)
        self.minimap = Minimap(self)
        self.reason = Reason(self)
        self._wire: End | None = None
        self._drop_at = QPointF()
        self.setAccessibleName("Graph canvas")
        self.setDragMode(QGraphicsView.DragMode.RubberBandDrag)
        self.setRubberBandSelectionMode(Qt.ItemSelectionMode.IntersectsItemShape)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.wiring.refused.connect(self._tell_why)
        self.wiring.dropped.connect(self._offer_fitting)
        self.search.chosen.connect(self._add_chosen)
        self.search.closed.connect(self.setFocus)
        self._keys = self._shortcuts()

    def _shortcuts(self) -> dict[str, Callable[[], None]]:
        commands, standard = self.commands, QKeySequence.StandardKey
        named = {
            standard.Copy: commands.copy,
            standard.Cut: commands.cut,
            standard.Paste: commands.paste,
            standard.SelectAll: commands.select_all,
            standard.Undo: self.editing.undo,
            standard.Redo: self.editing.redo,
            standard.Delete: commands.delete,
        }
        keys = {sequence.toString(): act for key, act in named.items() for sequence in QKeySequence.keyBindings(key)}
        return {
            **keys, "Ctrl+Shift+Z": self.editing.redo, "Ctrl+D": commands.duplicate, "Backspace": commands.delete, "F": self.fit,
            "Tab": self.add_by_search, "/": self.add_by_search, "Return": self.inspect.emit, "Ctrl+0": self.actual_size,
        }  # fmt: skip

    def actual_size(self) -> None:
        """Zoom to one screen unit per scene unit."""
        self.zoom(1 / self.scale_factor)

    def add_by_search(self, at: QPointF | None = None) -> None:
        """Open the list of nodes; the chosen one is put at `at` (the middle of the view)."""
        self._wire = None
        self._drop_at = at or self.mapToScene(self.viewport().rect().center()) - QPointF(WIDTH / 2, HEADER)
        self.search.offer(
            self.editing.catalog, self.editing.catalog.types.values(), self.mapFromScene(self._drop_at) if at else None
        )

    def _offer_fitting(self, end: End, at: QPointF) -> None:
        graph, catalog = self.editing.graph, self.editing.catalog
        port = self.graph_scene.look.port(graph, end)
        self._wire = end
        self._drop_at = at - QPointF(0 if end.output else WIDTH, HEADER)
        self.search.offer(catalog, catalog.fitting(port, end.output) if port else [], self.mapFromScene(at), port)

    def _add_chosen(self, type: str) -> None:
        at = self._drop_at
        self.graph_scene.select([self.editing.add(type, (at.x(), at.y()), self._wire)])

    def _tell_why(self, refusal: Refusal | None) -> None:
        self.reason.tell(refusal.text if refusal else "", lasting=self.wiring.active)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.search.close_quietly()
        at = self.mapToScene(event.position().toPoint())
        end = self.graph_scene.end_at(at) if event.button() == Qt.MouseButton.LeftButton and not self.is_panning else None
        if end is None:
            super().mousePressEvent(event)
        else:
            self.wiring.begin(end, at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.wiring.active:
            self.reason.move_to(event.position().toPoint())
            self.wiring.move(self.mapToScene(event.position().toPoint()))
        else:
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.wiring.active:
            self.wiring.finish(self.mapToScene(event.position().toPoint()))
        else:
            super().mouseReleaseEvent(event)
            self.commands.settle_moves()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if isinstance(self.itemAt(event.position().toPoint()), NodeItem):
            self.inspect.emit()
        else:
            self.add_by_search(self.mapToScene(event.position().toPoint()))

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: N802
        return False if next else super().focusNextPrevChild(next)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in ARROWS:
            self._arrow(event)
        elif event.key() == Qt.Key.Key_Escape:
            self.wiring.cancel()
            self.graph_scene.clearSelection()
        elif act := self._keys.get(QKeySequence(event.keyCombination()).toString()):
            self._act(act)
        else:
            super().keyPressEvent(event)

    def _act(self, act: Callable[[], None]) -> None:
        try:
            act()
        except StudioError as error:
            self.notice.emit(str(error))

    def _arrow(self, event: QKeyEvent) -> None:
        right, down = ARROWS[Qt.Key(event.key())]
        modifiers = event.modifiers()
        if modifiers & Qt.KeyboardModifier.AltModifier:
            self.commands.step(right, down)
        else:
            self.commands.nudge(right, down, far=bool(modifiers & Qt.KeyboardModifier.ShiftModifier))

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self.release_space()
        super().focusOutEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        corner = self.viewport().rect().bottomRight()
        self.minimap.move(corner.x() - self.minimap.width() - CORNER, corner.y() - self.minimap.height() - CORNER)
