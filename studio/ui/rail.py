"""The icon rail at the left: one button for each place."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QVBoxLayout, QWidget

from studio.ui import glyphs, theme

WIDTH = 56


class Stop(NamedTuple):
    """A place as the rail lists it; `door` is "module:Class"."""

    name: str
    title: str
    door: str


class Rail(QWidget):
    """Shows where one is and leads elsewhere; the last stop keeps to the bottom."""

    chosen = Signal(str)

    def __init__(self, stops: Sequence[Stop]) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        self._buttons: dict[str, RailButton] = {}
        group = QButtonGroup(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        for number, stop in enumerate(stops, 1):
            made = self._buttons[stop.name] = RailButton(stop, number)
            made.clicked.connect(lambda _=False, name=stop.name: self.chosen.emit(name))
            group.addButton(made)
            if stop is stops[-1]:
                column.addStretch(1)
            column.addWidget(made)

    def mark(self, name: str) -> None:
        """Show that `name` is open."""
        self._buttons[name].setChecked(True)

    def button(self, name: str) -> QAbstractButton:
        """The button of a place."""
        return self._buttons[name]

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("panel"))
        painter.fillRect(QRectF(self.width() - 1, 0, 1, self.height()), theme.colour("line"))


class RailButton(QAbstractButton):
    """A glyph with a bar where it is the open place."""

    def __init__(self, stop: Stop, number: int) -> None:
        super().__init__()
        self._glyph = stop.name
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(f"{stop.title}  Ctrl+{number}")
        self.setAccessibleName(stop.title)
        self.setFixedSize(40, 40)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(40, 40)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        here = self.isChecked()
        if here or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("raised"))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        if here:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent"))
            painter.drawRoundedRect(QRectF(0, 11, 3, 18), 1.5, 1.5)
        glyphs.paint(painter, self._glyph, QRectF(9, 9, 22, 22), theme.colour("text" if here else "dim"))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
