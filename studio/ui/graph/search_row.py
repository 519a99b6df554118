"""One line of the search: the ports' colours, the title, and what the node does."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.api.node import NodeType
from studio.ui import glyphs, theme

HEIGHT = 46
Index = QModelIndex | QPersistentModelIndex


class SearchRow(QStyledItemDelegate):
    """Paints a `NodeType`."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(0, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        type: NodeType = index.data(Qt.ItemDataRole.UserRole)
        place: QRect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("raised"))
            painter.drawRoundedRect(QRectF(place).adjusted(0, 1, 0, -1), theme.RADIUS["control"], theme.RADIUS["control"])
        _mark(painter, type, QPointF(place.left() + 18, place.center().y()))
        room = QRectF(place).adjusted(38, 6, -10, -6)
        _line(painter, room, type.title, theme.strong(), token="text", where=Qt.AlignmentFlag.AlignTop)
        _line(
            painter,
            room,
            type.category,
            theme.font("caption"),
            token="dim",
            where=Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight,
        )
        _line(painter, room, type.summary, theme.font("caption"), token="dim", where=Qt.AlignmentFlag.AlignBottom)
        painter.restore()


def _mark(painter: QPainter, type: NodeType, centre: QPointF) -> None:
    kind = (type.outputs or type.inputs)[0].kind if type.outputs or type.inputs else "any"
    painter.save()
    painter.translate(centre)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(theme.port_style(kind).colour))
    painter.drawPath(glyphs.port_path(kind, 6))
    painter.restore()


def _line(painter: QPainter, room: QRectF, text: str, font: QFont, *, token: str, where: Qt.AlignmentFlag) -> None:
    painter.setFont(font)
    painter.setPen(theme.colour(token))
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, int(where), shown)
