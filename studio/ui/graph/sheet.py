"""One open graph: canvas and inspector side by side, its edits and its executions."""

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSplitter, QWidget

from studio.engine.engine import ExecutionDone, ModelInfo
from studio.engine.graph.document import Graph
from studio.ui import theme
from studio.ui.bridge import Bridge
from studio.ui.buttons import button
from studio.ui.graph.canvas import Canvas
from studio.ui.graph.catalog import Catalog
from studio.ui.graph.editing import Editing
from studio.ui.graph.inspector import WIDTH, Inspector
from studio.ui.graph.look import Look
from studio.ui.graph.outcome import IDLE
from studio.ui.graph.running import Running
from studio.ui.graph.scene import GraphScene
from studio.ui.graph.session import OpenGraph
from studio.ui.panels import empty

TEACHING = "Link nodes to turn noise into pictures and words: press Tab to add one."


class Sheet(QSplitter):
    """A graph on a tab.

    Signals:
        changed: the graph, its saved mark or what can be undone is another.
        notice: something to tell: level and words.
        example_wanted: the button of the empty canvas was pressed.
    """

    changed = Signal()
    notice = Signal(str, str)
    example_wanted = Signal()

    def __init__(self, bridge: Bridge, catalog: Catalog, models: Iterable[ModelInfo], document: OpenGraph) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.title = document.title
        self.path: Path | None = document.path
        self.editing = Editing(catalog, document.graph)
        if not document.saved:
            self.editing.mark_saved(Graph())
        look = Look(catalog, models)
        self.scene = GraphScene(look, self)
        self.canvas = Canvas(self.scene, self.editing)
        self.inspector = Inspector(self.editing, look)
        self.running = Running(bridge, self.editing, self)
        self._fitted = QRectF()
        self._teaching = self._teach()
        self._arrange()
        self._connect()
        self._show_graph()

    def _teach(self) -> QWidget:
        made = empty(TEACHING, button("Open an example", self.example_wanted.emit, look="primary", glyph="graph"))
        made.setParent(self.canvas.viewport())
        return made

    def _arrange(self) -> None:
        self.setChildrenCollapsible(False)
        self.setHandleWidth(1)
        self.addWidget(self.canvas)
        self.addWidget(self.inspector)
        self.setStretchFactor(0, 1)
        self.setSizes([1000, WIDTH])
        self.canvas.viewport().installEventFilter(self)

    def _connect(self) -> None:
        self.editing.subscribe(self._show_graph)
        self.scene.selectionChanged.connect(self._select)
        self.running.changed.connect(self._show_outcomes)
        self.running.explained.connect(self.inspector.explain)
        self.running.ended.connect(self._ended)
        self.canvas.notice.connect(lambda words: self.notice.emit("warning", words))
        self.canvas.inspect.connect(self.inspector.focus_form)
        self.inspector.refused.connect(lambda words: self.notice.emit("info", words))
        theme.changes.changed.connect(self._dress)

    @property
    def document(self) -> OpenGraph:
        """The graph as it would be kept."""
        return OpenGraph(self.title, self.editing.graph, self.path, self.editing.is_saved)

    @property
    def untouched(self) -> bool:
        """Whether this is a new, empty tab."""
        return not self.editing.graph.nodes and not self.editing.undo_text and self.path is None

    def refresh(self, catalog: Catalog, models: Iterable[ModelInfo]) -> None:
        """Use other node types and models."""
        look = Look(catalog, models)
        self.inspector.look = look
        self.scene.refresh(look)
        self.editing.refresh(catalog)

    def run(self) -> None:
        """Run everything."""
        self.running.run()

    def run_to_selected(self) -> None:
        """Run the selected nodes and what they need."""
        if selected := self.scene.selected():
            self.running.run(tuple(selected))

    def _show_graph(self) -> None:
        self.scene.show_graph(self.editing.graph)
        self._teaching.setVisible(not self.editing.graph.nodes)
        self.canvas.minimap.setVisible(bool(self.editing.graph.nodes))
        self.inspector.refresh()
        self.changed.emit()

    def _show_outcomes(self) -> None:
        self.scene.show_outcomes(self.running.outcomes)
        self._show_selected_outcome()

    def _select(self) -> None:
        selected = self.scene.selected()
        self.running.watched = selected[0] if len(selected) == 1 else None
        self.inspector.show_nodes(selected)
        self._show_selected_outcome()
        self.changed.emit()

    def _show_selected_outcome(self) -> None:
        self.inspector.show_outcome(self.running.outcomes.get(self.inspector.node or "", IDLE))

    def _ended(self, event: ExecutionDone) -> None:
        self._show_outcomes()
        if self.canvas.seen() == self._fitted:
            self._fit()

    def _fit(self) -> None:
        """Show everything until the user looks elsewhere."""
        self.canvas.fit()
        self._fitted = self.canvas.seen()

    def _dress(self) -> None:
        self.scene.refresh(self.scene.look)
        self.canvas.viewport().update()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if self._fitted.isNull():
            self._fit()

    def eventFilter(self, watched: object, event: QEvent) -> bool:  # noqa: N802
        if isinstance(event, QResizeEvent):
            room = self.canvas.viewport().rect()
            self._teaching.setGeometry(room.adjusted(room.width() // 4, 0, -room.width() // 4, 0))
        return False
