"""Buttons in the window's looks: plain, primary, quiet, chip, glyph only, and a switch."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QPushButton, QSizePolicy, QToolButton, QWidget

from studio.ui import glyphs, theme


def button(text: str, act: Callable[[], object] | None = None, *, look: str = "", glyph: str = "") -> QPushButton:
    """A push button; `look` is "", "primary", "quiet" or "chip"."""
    made = QPushButton(text)
    made.setProperty("look", look)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if glyph:
        _glyph(made, glyph, "on_accent" if look == "primary" else "text")
    if act is not None:
        made.clicked.connect(lambda _=False: act())
    return made


def glyph_button(
    glyph: str, tip: str, act: Callable[[], object] | None = None, *, size: int = 16, colour: str = "dim"
) -> QToolButton:
    """A quiet button that shows only a glyph, in a token's colour or "#rrggbb"; `tip` names it for everyone."""
    made = QToolButton()
    made.setProperty("look", "quiet")
    made.setIconSize(QSize(size, size))
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    made.setToolTip(tip)
    made.setAccessibleName(tip)
    _glyph(made, glyph, colour)
    if act is not None:
        made.clicked.connect(lambda _=False: act())
    return made


def chip(text: str, tip: str = "", act: Callable[[], object] | None = None) -> QPushButton:
    """A small button for presets and filters."""
    made = button(text, act, look="chip")
    made.setToolTip(tip)
    made.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return made


def _glyph(made: QAbstractButton, glyph: str, token: str) -> None:
    dresser = _Dresser(made, glyph, token)
    theme.changes.changed.connect(dresser.dress)


class _Dresser(QObject):
    def __init__(self, made: QAbstractButton, glyph: str, token: str) -> None:
        super().__init__(made)
        self._made, self._glyph, self._token = made, glyph, token
        self.dress()

    def dress(self) -> None:
        self._made.setIcon(glyphs.icon(self._glyph, theme.colour(self._token), self._made.iconSize().width()))


class Switch(QAbstractButton):
    """On or off."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(40, 24)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(3, 3, 34, 18)
        on = self.isChecked()
        painter.setPen(QPen(theme.colour("accent" if on else "dim"), 1))
        painter.setBrush(theme.colour("accent") if on else theme.colour("raised"))
        painter.drawRoundedRect(track, 9, 9)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("on_accent" if on else "dim"))
        painter.drawEllipse(QRectF(track.right() - 16 if on else track.left() + 2, track.top() + 2, 14, 14))
        if self.hasFocus():
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(1, 1, 38, 22), 11, 11)
