"""A thing's lineage as a small graph: the thing at the top, below it what it came of, down to the data."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from studio.ui import glyphs, theme
from studio.ui.library.lineage import Origin

ROW = 46
GAP = 18
GLYPHS = {"picture": "data", "graph": "graph", "model": "plugins", "run": "train", "dataset": "library", "source": "import"}
"""Glyph of each kind that has no family."""


class Step(QToolButton):
    """One origin: glyph, title, detail."""

    def __init__(self, origin: Origin) -> None:
        super().__init__()
        self.origin = origin
        self.setFixedHeight(ROW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor if origin.key or origin.graph else Qt.CursorShape.ArrowCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if origin.key or origin.graph else Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(f"{origin.kind} {origin.title}")

    def paintEvent(self, event: object) -> None:  # noqa: N802
        painter, origin = QPainter(self), self.origin
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        family = origin.family if origin.family in theme.FAMILIES else ""
        hue = theme.colour(theme.family_style(family).hue) if family else theme.colour("dim")
        lively = (self.underMouse() or self.hasFocus()) and bool(origin.key or origin.graph)
        painter.setPen(QPen(theme.colour("accent" if lively else "line"), 1))
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        glyphs.paint(painter, family or GLYPHS[origin.kind], QRectF(12, 14, 18, 18), hue)
        room = QRectF(42, 6, self.width() - 52, ROW - 12)
        _line(painter, room, origin.title, theme.font(), token="text", where=Qt.AlignmentFlag.AlignTop)
        detail = " · ".join(filter(None, (origin.kind, origin.detail)))
        _line(painter, room, detail, theme.font("caption"), token="dim", where=Qt.AlignmentFlag.AlignBottom)


def _line(painter: QPainter, room: QRectF, text: str, font: QFont, *, token: str, where: Qt.AlignmentFlag) -> None:
    painter.setFont(font)
    painter.setPen(theme.colour(token))
    painter.drawText(room, int(where), QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width()))


class LineageView(QWidget):
    """Steps from top to bottom, joined by lines; a step that is a thing or a graph can be opened.

    Signals:
        opened: the origin that was clicked.
    """

    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[list[Step]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(GAP)

    def show_lineage(self, columns: Sequence[Sequence[Origin]]) -> None:
        """Show another lineage, the thing itself first."""
        for step in [step for row in self._rows for step in row]:
            step.hide()
            step.deleteLater()
        self._rows = [[self._step(origin) for origin in column] for column in columns]
        self.update()

    def _step(self, origin: Origin) -> Step:
        step = Step(origin)
        step.clicked.connect(lambda: (origin.key or origin.graph) and self.opened.emit(origin))
        self._column.addWidget(step)
        return step

    def paintEvent(self, event: object) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("line"), 2))
        steps = [step for row in self._rows for step in row]
        for upper, lower in pairwise(steps):
            start, end = QPointF(21, upper.geometry().bottom() + 1), QPointF(21, lower.geometry().top())
            path = QPainterPath(start)
            path.lineTo(end)
            painter.drawPath(path)
            painter.drawPath(_arrow(QPointF(21, start.y() + 3)))


def _arrow(tip: QPointF) -> QPainterPath:
    path = QPainterPath(tip + QPointF(-4, 5))
    path.lineTo(tip)
    path.lineTo(tip + QPointF(4, 5))
    return path
