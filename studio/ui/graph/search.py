"""Add by search: type a few letters, press Return."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from studio.api.node import NodeType
from studio.api.sampler import Port
from studio.ui import theme
from studio.ui.graph.catalog import Catalog
from studio.ui.graph.search_row import SearchRow
from studio.ui.panels import caption

SIZE = (360, 380)
MARGIN = 12


class Search(QFrame):
    """A list of node types over the canvas.

    Signals:
        chosen: the id of the type to add.
        closed: the list is gone, chosen or not.
    """

    chosen = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._catalog = Catalog()
        self._types: list[NodeType] = []
        self.field = QLineEdit(self)
        self.field.setAccessibleName("Search for a node")
        self.list = QListWidget(self)
        self.list.setAccessibleName("Nodes that can be added")
        self.list.setItemDelegate(SearchRow(self.list))
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.viewport().setAutoFillBackground(False)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.nothing = caption(wrap=True)
        self._arrange()
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._choose)
        self.hide()

    def _arrange(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        for part in (self.field, self.nothing, self.list):
            column.addWidget(part)
        self.resize(*SIZE)

    def offer(self, catalog: Catalog, types: Iterable[NodeType], at: QPoint | None = None, port: Port | None = None) -> None:
        """Open with these types; `port` is what they are to be linked to."""
        self._catalog, self._types = catalog, list(types)
        self.field.setPlaceholderText(f"Add a node for {port.name}…" if port else "Add a node…")
        self.field.clear()
        self._fill("")
        self._appear(at)

    def _appear(self, at: QPoint | None) -> None:
        room = self.parentWidget().rect()
        corner = at or QPoint((room.width() - self.width()) // 2, (room.height() - self.height()) // 3)
        self.move(
            max(MARGIN, min(corner.x(), room.width() - self.width() - MARGIN)),
            max(MARGIN, min(corner.y(), room.height() - self.height() - MARGIN)),
        )
        self.show()
        self.raise_()
        self.field.setFocus()

    def _fill(self, words: str) -> None:
        found = self._catalog.searched(words, self._types)
        self.list.clear()
        for type in found:
            item = QListWidgetItem(type.title, self.list)
            item.setData(Qt.ItemDataRole.UserRole, type)
            item.setToolTip(type.summary)
        self.list.setCurrentRow(0)
        self.nothing.setText("" if found else _nothing(words))
        self.nothing.setVisible(not found)
        self.list.setVisible(bool(found))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if event.type() == QEvent.Type.FocusOut:
            self.close_quietly()
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        move = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}.get(Qt.Key(event.key()))
        if move is not None and self.list.count():
            self.list.setCurrentRow((self.list.currentRow() + move) % self.list.count())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentItem())
        elif event.key() == Qt.Key.Key_Escape:
            self._close()
        return move is not None or event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self._close()
            self.chosen.emit(item.data(Qt.ItemDataRole.UserRole).id)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)

    def _close(self) -> None:
        self.hide()
        self.closed.emit()

    def close_quietly(self) -> None:
        """Go without taking the focus anywhere."""
        self.hide()


def _nothing(words: str) -> str:
    return f"No node is called “{words}”." if words.strip() else "No installed node takes this."
