"""One tile of the wall: picture, title, family, and when."""

import time

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.ui import glyphs, theme
from studio.ui.library.things import Thing, told_date
from studio.ui.library.thumbnails import SIDE, Thumbnails

INSET = 10
WIDTH = SIDE + 2 * INSET
HEIGHT = WIDTH + 52
STATE_TOKENS = {"running": "accent", "queued": "accent", "paused": "warn", "failed": "bad", "lost": "bad", "cancelled": "warn"}
Index = QModelIndex | QPersistentModelIndex


class Tile(QStyledItemDelegate):
    """Paints a `Thing`."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802
        return QSize(WIDTH + 6, HEIGHT + 6)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        thing: Thing = index.data(Qt.ItemDataRole.UserRole)
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        card = QRectF(place).adjusted(3.5, 3.5, -3.5, -3.5)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        _card(painter, card, state)
        picture = QRectF(
            card.left() + INSET - 1, card.top() + INSET - 1, card.width() - 2 * INSET + 2, card.width() - 2 * INSET + 2
        )
        _picture(painter, picture, self._thumbnails.of(thing), thing)
        _words(
            painter, QRectF(picture.left(), picture.bottom() + 8, picture.width(), card.bottom() - picture.bottom() - 14), thing
        )
        painter.restore()


def _card(painter: QPainter, card: QRectF, state: QStyle.StateFlag) -> None:
    chosen, over = bool(state & QStyle.StateFlag.State_Selected), bool(state & QStyle.StateFlag.State_MouseOver)
    painter.setPen(QPen(theme.colour("accent" if chosen else "dim" if over else "line"), 2 if chosen else 1))
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(card, theme.RADIUS["panel"], theme.RADIUS["panel"])


def _picture(painter: QPainter, room: QRectF, pixmap: QPixmap | None, thing: Thing) -> None:
    ground = QPainterPath()
    ground.addRoundedRect(room, theme.RADIUS["chip"], theme.RADIUS["chip"])
    painter.setPen(Qt.PenStyle.NoPen)
    if pixmap is None:
        painter.setBrush(theme.colour(_hue(thing), 0.12))
        painter.drawPath(ground)
        middle = room.center()
        glyphs.paint(
            painter, _glyph(thing), QRectF(middle.x() - 26, middle.y() - 26, 52, 52), theme.colour(_hue(thing), 0.8), 1.3
        )
        return
    painter.setBrush(theme.colour("raised"))
    painter.drawPath(ground)
    painter.setClipPath(ground)
    size = pixmap.deviceIndependentSize()
    painter.drawPixmap(room.center() - QPointF(size.width() / 2, size.height() / 2), pixmap)
    painter.setClipping(False)


def _hue(thing: Thing) -> str:
    return theme.family_style(thing.family).hue if thing.family in theme.FAMILIES else "dim"


def _glyph(thing: Thing) -> str:
    return thing.family if thing.family in theme.FAMILIES else "data"


def _words(painter: QPainter, room: QRectF, thing: Thing) -> None:
    left = room.left()
    if thing.family in theme.FAMILIES:
        glyphs.paint(painter, thing.family, QRectF(left, room.top() + 1, 16, 16), theme.colour(_hue(thing)))
        left += 22
    first = QRectF(left, room.top(), room.right() - left, 18)
    second = QRectF(room.left(), room.top() + 22, room.width(), 16)
    _line(painter, first, thing.title, theme.strong(), "text")
    state = thing.run.state if thing.run and thing.run.state != "done" else ""
    if state:
        token = STATE_TOKENS[state]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(token))
        painter.drawEllipse(QPointF(second.left() + 4, second.center().y()), 3.5, 3.5)
        second.setLeft(second.left() + 14)
    when = told_date(thing.created, time.time())
    _line(painter, second, " · ".join(filter(None, (state, thing.data, when))), theme.font("caption"), "dim")


def _line(painter: QPainter, room: QRectF, text: str, font: QFont, token: str) -> None:
    painter.setFont(font)
    painter.setPen(theme.colour(token))
    shown = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
    painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
