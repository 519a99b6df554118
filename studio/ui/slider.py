"""A slider over real numbers, evenly or by decades."""

import math

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui import theme

_KNOB = 7.0


class Slider(QWidget):
    """A horizontal slider; arrows move by one notch, Page keys by ten, Home and End to the limits.

    Args:
        minimum, maximum: the limits; both positive where `logarithmic`.
        whole: values are whole numbers.
    """

    moved = Signal(float)
    released = Signal()

    def __init__(
        self, minimum: float = 0.0, maximum: float = 1.0, *, logarithmic: bool = False, whole: bool = False, name: str = ""
    ) -> None:
        super().__init__()
        self._minimum, self._maximum = minimum, maximum
        self._logarithmic = logarithmic and minimum > 0
        self._whole = whole
        self._value = minimum
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def value(self) -> float:
        """The chosen number."""
        return self._value

    def set_value(self, value: float) -> None:
        """Move without announcing it."""
        self._value = min(self._maximum, max(self._minimum, value))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(110, 24)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(56, 24)

    def _fraction(self) -> float:
        if self._maximum <= self._minimum:
            return 0.0
        if self._logarithmic:
            return math.log(self._value / self._minimum) / math.log(self._maximum / self._minimum)
        return (self._value - self._minimum) / (self._maximum - self._minimum)

    def _from_fraction(self, fraction: float) -> float:
        fraction = min(1.0, max(0.0, fraction))
        if self._logarithmic:
            value = self._minimum * (self._maximum / self._minimum) ** fraction
            digits = 2 - math.floor(math.log10(value))
            value = round(value, max(0, digits))
        else:
            span = self._maximum - self._minimum
            value = (
                round(self._minimum + fraction * span, max(0, 3 - math.floor(math.log10(span)))) if span > 0 else self._minimum
            )
        return min(self._maximum, max(self._minimum, float(round(value)) if self._whole else value))

    def _move(self, value: float) -> None:
        value = min(self._maximum, max(self._minimum, value))
        if value != self._value:
            self._value = value
            self.update()
            self.moved.emit(value)

    def _notch(self, notches: int) -> None:
        if self._whole and not self._logarithmic:
            self._move(self._value + notches * max(1, round((self._maximum - self._minimum) / 100)))
            return
        value = self._from_fraction(self._fraction() + notches / 100)
        stuck = self._whole and value == self._value
        self._move(value + math.copysign(1, notches) if stuck else value)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle, left, right = self.height() / 2, _KNOB + 1, self.width() - _KNOB - 1
        x = left + self._fraction() * (right - left)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(QRectF(1, middle - 2, self.width() - 2, 4), 2, 2)
        painter.setBrush(theme.colour("accent" if self.isEnabled() else "dim"))
        painter.drawRoundedRect(QRectF(1, middle - 2, x - 1, 4), 2, 2)
        painter.setPen(QPen(theme.colour("accent" if self.isEnabled() else "dim"), 2))
        painter.setBrush(theme.colour("panel"))
        painter.drawEllipse(QRectF(x - _KNOB + 1, middle - _KNOB + 1, 2 * _KNOB - 2, 2 * _KNOB - 2))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("accent", 0.45), 3))
            painter.drawEllipse(QRectF(x - _KNOB - 1, middle - _KNOB - 1, 2 * _KNOB + 2, 2 * _KNOB + 2))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._drag(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.released.emit()

    def _drag(self, event: QMouseEvent) -> None:
        span = max(1.0, self.width() - 2 * _KNOB - 2)
        self._move(self._from_fraction((event.position().x() - _KNOB - 1) / span))

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if self.hasFocus():
            self._notch(1 if event.angleDelta().y() > 0 else -1)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key = Qt.Key
        notches = {key.Key_Left: -1, key.Key_Down: -1, key.Key_Right: 1, key.Key_Up: 1, key.Key_PageUp: 10, key.Key_PageDown: -10}
        if event.key() in notches:
            self._notch(notches[Qt.Key(event.key())])
        elif event.key() in (key.Key_Home, key.Key_End):
            self._move(self._minimum if event.key() == key.Key_Home else self._maximum)
        else:
            super().keyPressEvent(event)
            return
        self.released.emit()
