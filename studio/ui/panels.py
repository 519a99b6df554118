"""Surfaces and words: a card, a family's badge, captions, section titles, an elided line, a hairline, a page that scrolls."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from studio.ui import glyphs, theme


class Card(QWidget):
    """A rounded panel; where `selectable` it can be clicked, focused and ringed."""

    clicked = Signal()

    def __init__(self, selectable: bool = False, surface: str = "panel", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selectable, self._surface = selectable, surface
        self._selected = False
        if selectable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    @property
    def selected(self) -> bool:
        """Whether the card is the chosen one."""
        return self._selected

    def set_selected(self, on: bool) -> None:
        """Ring the card or not."""
        self._selected = on
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ring = self._selected or (self._selectable and self.hasFocus())
        hover = self._selectable and self.underMouse()
        inset = 1.0 if ring else 0.5
        painter.setPen(QPen(theme.colour("accent" if ring else "dim" if hover else "line"), 2 if ring else 1))
        painter.setBrush(theme.colour(self._surface))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 8, 8)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._selectable and self.isEnabled():
            self.clicked.emit()
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if self._selectable and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Space):
            self.clicked.emit()
        else:
            super().keyPressEvent(event)


class Badge(QWidget):
    """A family's glyph in its hue on a faint square of it."""

    def __init__(self, family: str, size: int = 28, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._style, self._size = theme.family_style(family), size
        self.setFixedSize(size, size)
        self.setToolTip(self._style.title)
        self.setAccessibleName(self._style.title)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(self._style.hue, 0.16))
        painter.drawRoundedRect(self.rect(), 6, 6)
        inset = self._size * 0.2
        glyphs.paint(
            painter,
            self._style.glyph,
            QRectF(self.rect()).adjusted(inset, inset, -inset, -inset),
            theme.colour(self._style.hue),
            2,
        )


class Line(QLabel):
    """One line of text that shortens itself; the whole is its tooltip."""

    def __init__(self, text: str = "", font: QFont | None = None, dim: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setFont(font or theme.font())
        if dim:
            self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def setText(self, text: str) -> None:  # noqa: N802
        self._text = text
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def text(self) -> str:
        return self._text

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self.fontMetrics().horizontalAdvance(self._text) + 2, self.fontMetrics().height() + 2)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(12, self.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        words = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideRight, self.width())
        super().setToolTip(self._text if words != self._text else "")
        painter.drawText(self.rect(), int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), words)


def caption(text: str = "", *, wrap: bool = False, mono: bool = False) -> QLabel:
    """Small dim text."""
    made = words(text, theme.mono("caption") if mono else theme.font("caption"), wrap=wrap)
    made.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return made


def section(text: str) -> QLabel:
    """A heading within a panel."""
    return words(text, theme.strong("section"))


def words(text: str = "", font: QFont | None = None, *, wrap: bool = False) -> QLabel:
    """Plain text; what it says is never read as markup."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setFont(font or theme.font())
    made.setWordWrap(wrap)
    return made


class Hairline(QFrame):
    """A thin horizontal or vertical line."""

    def __init__(self, vertical: bool = False) -> None:
        super().__init__()
        (self.setFixedWidth if vertical else self.setFixedHeight)(1)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        QPainter(self).fillRect(self.rect(), theme.colour("line"))


def scrolling(inner: QWidget) -> QScrollArea:
    """`inner` on a page that scrolls up and down."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inner)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.viewport().setAutoFillBackground(False)
    inner.setAutoFillBackground(False)
    return area


def empty(sentence: str, *below: QWidget) -> QWidget:
    """An empty state: one sentence, and a button where there is one."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setSpacing(12)
    column.addStretch()
    text = words(sentence, wrap=True)
    text.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    text.setAlignment(Qt.AlignmentFlag.AlignCenter)
    column.addWidget(text)
    for widget in below:
        column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
    column.addStretch()
    return made
