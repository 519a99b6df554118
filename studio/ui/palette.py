"""The search palette (Ctrl+K): places, models, methods, data and actions by name."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from studio.ui import glyphs, theme

WIDTH, ROW, ROWS = 560, 36, 10
_ENTRY = int(Qt.ItemDataRole.UserRole)


class Entry(NamedTuple):
    """Something to find: what it is called, what it is, how it looks and what choosing it does."""

    title: str
    kind: str
    glyph: str
    act: Callable[[], object]
    colour: str = "dim"


class SearchPalette(QWidget):
    """Lies over the window while one searches; Escape or a click beside it closes it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries: list[Entry] = []
        self.field = QLineEdit()
        self.field.setPlaceholderText("Go to a place, model, method, dataset or action…")
        self.field.setAccessibleName("Search")
        self.field.setMinimumHeight(36)
        self.list = QListWidget()
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._box = QWidget(self)
        column = QVBoxLayout(self._box)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.field.textChanged.connect(self._filter)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._choose)
        parent.installEventFilter(self)
        self.hide()

    def open(self, entries: Sequence[Entry]) -> None:
        """Show, ready to type."""
        self._entries = list(entries)
        self.field.clear()
        self._filter("")
        self._place()
        self.show()
        self.raise_()
        self.field.setFocus()

    def extend(self, entries: Sequence[Entry]) -> None:
        """Add what arrived later."""
        self._entries.extend(entries)
        if self.isVisible():
            self._filter(self.field.text())

    def _filter(self, text: str) -> None:
        asked = text.lower().split()
        found = [entry for entry in self._entries if all(word in f"{entry.title} {entry.kind}".lower() for word in asked)]
        self.list.clear()
        for entry in found[:60]:
            item = QListWidgetItem(entry.title)
            item.setData(_ENTRY, entry)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        self._place()

    def _choose(self, item: QListWidgetItem | None) -> None:
        self.hide()
        if item is not None:
            item.data(_ENTRY)[3]()

    def _place(self) -> None:
        self.setGeometry(self.parentWidget().rect())
        rows = max(1, min(ROWS, self.list.count()))
        self.list.setFixedHeight(rows * ROW)
        width = min(WIDTH, self.width() - 48)
        self._box.setGeometry(QRect((self.width() - width) // 2, 72, width, 36 + 32 + rows * ROW))
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(Qt.Key(event.key()))
        if watched is self.field and event.type() == QEvent.Type.FocusOut:
            self.hide()
        if watched is self.parentWidget() and event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False

    def _key(self, key: Qt.Key) -> bool:
        moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if key in moves and self.list.count():
            self.list.setCurrentRow((self.list.currentRow() + moves[key]) % self.list.count())
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentItem())
        elif key == Qt.Key.Key_Escape:
            self.hide()
        else:
            return False
        return True

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = theme.colour("ground", 0.6)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour("panel"))
        painter.drawRoundedRect(QRectF(self._box.geometry()).adjusted(-0.5, -0.5, 0.5, 0.5), 8, 8)


class _Rows(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        title, kind, glyph, _, colour = index.data(_ENTRY)
        area = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("raised"))
            painter.drawRoundedRect(area, 6, 6)
        glyphs.paint(painter, glyph, QRectF(area.x() + 10, area.y() + 9, 18, 18), theme.colour(colour))
        painter.setFont(theme.font())
        painter.setPen(theme.colour("text"))
        flags = int(Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(area.adjusted(40, 0, -130, 0), flags, title)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("dim"))
        painter.drawText(area.adjusted(0, 0, -12, 0), int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), kind)
        painter.restore()
