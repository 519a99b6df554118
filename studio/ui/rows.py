"""Rows of a list: a glyph, a title, a caption below and a word at the right."""

from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui import glyphs, theme

_ROW = int(Qt.ItemDataRole.UserRole)
_KEY = _ROW + 1


class Row(NamedTuple):
    """What one row shows; `share` (0 to 1) draws a thin bar, `colour` paints the glyph."""

    title: str
    caption: str = ""
    glyph: str = ""
    colour: str = "dim"
    tail: str = ""
    share: float | None = None


class Rows(QListWidget):
    """A list of rows, each with a key."""

    def __init__(self, name: str, height: int = 44) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setItemDelegate(_Painter(self, height))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.viewport().setAutoFillBackground(False)
        self.setMouseTracking(True)

    def show_rows(self, rows: dict[str, Row]) -> None:
        """Show these rows; the chosen one stays chosen where it is still there."""
        if list(rows) != self.keys():
            kept = self.key()
            self.blockSignals(True)
            self.clear()
            for key in rows:
                item = QListWidgetItem()
                item.setData(_KEY, key)
                self.addItem(item)
            self.choose(kept)
            self.blockSignals(False)
        for index, row in enumerate(rows.values()):
            self.item(index).setData(_ROW, row)
            self.item(index).setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.title}, {row.caption}")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        if self.currentRow() >= 0:
            self.scrollToItem(self.currentItem())

    def keys(self) -> list[str]:
        """The keys, from the top."""
        return [str(self.item(k).data(_KEY)) for k in range(self.count())]

    def key(self) -> str:
        """The chosen row's key, empty where none is."""
        return str(self.currentItem().data(_KEY)) if self.currentRow() >= 0 else ""

    def choose(self, key: str) -> None:
        """Choose a row, or none where the key is unknown."""
        keys = self.keys()
        self.setCurrentRow(keys.index(key) if key in keys else -1)


class _Painter(QStyledItemDelegate):
    def __init__(self, parent: Rows, height: int) -> None:
        super().__init__(parent)
        self._list, self._height = parent, height

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        return QSize(60, self._height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        row = Row(*index.data(_ROW))
        area = QRectF(option.rect).adjusted(1, 1, -1, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, area, option)
        left = 10.0
        if row.glyph:
            glyphs.paint(painter, row.glyph, QRectF(area.x() + 10, area.center().y() - 9, 18, 18), theme.colour(row.colour))
            left = 40.0
        self._words(painter, area.adjusted(left, 0, -10, 0), row)
        painter.restore()

    def _ground(self, painter: QPainter, area: QRectF, option: QStyleOptionViewItem) -> None:
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        focus = chosen and self._list.hasFocus()
        if chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(theme.colour("accent"), 2) if focus else Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("raised", 1.0 if chosen else 0.5))
            painter.drawRoundedRect(area, 6, 6)

    def _words(self, painter: QPainter, area: QRectF, row: Row) -> None:
        painter.setFont(theme.mono("caption"))
        tail = painter.fontMetrics().horizontalAdvance(row.tail) + (10 if row.tail else 0)
        painter.setPen(theme.colour("dim"))
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        painter.drawText(area, int(middle | right), row.tail)
        half = area.height() / 2 if row.caption else area.height()
        upper = QRectF(area.x(), area.y() + (3 if row.caption else 0), area.width() - tail, half - (3 if row.caption else 0))
        _elided(painter, upper, row.title, theme.font(), "text")
        if row.caption:
            _elided(
                painter,
                QRectF(area.x(), area.y() + half, area.width() - tail, half - 6),
                row.caption,
                theme.font("caption"),
                "dim",
            )
        if row.share is not None:
            bar = QRectF(area.x(), area.bottom() - 4, area.width(), 2)
            painter.fillRect(bar, theme.colour("line"))
            painter.fillRect(QRectF(bar.x(), bar.y(), bar.width() * row.share, 2), theme.colour("accent"))


def _elided(painter: QPainter, area: QRectF, text: str, font: object, token: str) -> None:
    painter.setFont(font)  # type: ignore[arg-type]
    painter.setPen(theme.colour(token))
    words = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(area.width()))
    painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)
