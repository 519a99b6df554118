"""Paints rows of a table under their columns' names and histograms."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from studio.engine.rendering import Rendering
from studio.ui import theme

ROW, HEAD, BARS = 20.0, 20.0, 26.0
NARROWEST = 58.0
INSET = 4.0
MORE = 28.0
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def rows(rendering: Rendering, area: QRectF) -> list[QRectF]:
    """Where the rows that fit lie."""
    top = area.y() + HEAD + BARS
    count = max(1, min(len(rendering.cells), int((area.bottom() - top) // ROW)))
    return [QRectF(area.x(), top + k * ROW, area.width(), ROW) for k in range(count)]


def table(painter: QPainter, area: QRectF, rendering: Rendering) -> None:
    """The columns that fit, and as many rows."""
    painter.save()
    painter.setClipRect(area)
    shown = _shown(rendering, area.width())
    hidden = len(rendering.columns) - len(shown)
    width = (area.width() - (MORE if hidden else 0)) / max(1, len(shown))
    lines = rows(rendering, area)
    for line in lines[1::2]:
        painter.fillRect(line, theme.colour("raised"))
    for k, column in enumerate(shown):
        place = QRectF(area.x() + k * width, area.y(), width, area.height())
        _column(painter, place.adjusted(INSET, 0, -INSET, 0), rendering, column, lines)
    if hidden:
        painter.setFont(theme.font("caption"))
        _text(painter, QRectF(area.right() - MORE, area.y(), MORE - INSET, HEAD), f"+{hidden}", "dim", RIGHT)
    painter.restore()


def row(painter: QPainter, area: QRectF, rendering: Rendering, index: int) -> None:
    """One row, a column's name and value on each line."""
    names, values = rendering.columns, rendering.cells[index]
    height = min(ROW, area.height() / max(1, len(names)))
    painter.save()
    painter.setClipRect(area)
    small = theme.font("caption")
    if height < ROW:
        small.setPixelSize(max(7, int(height * 0.7)))
    painter.setFont(small)
    for k, (name, value) in enumerate(zip(names, values, strict=True)):
        line = QRectF(area.x() + INSET, area.y() + k * height, area.width() - 2 * INSET, height)
        _text(painter, line.adjusted(0, 0, -line.width() * 0.4, 0), name, "dim", LEFT)
        _text(painter, line.adjusted(line.width() * 0.6, 0, 0, 0), value, "text", RIGHT)
    painter.restore()


def _shown(rendering: Rendering, width: float) -> list[int]:
    """The columns that fit: the first ones, and the last, which often says what the others are about."""
    count, room = len(rendering.columns), max(1, int(width // NARROWEST))
    return list(range(count)) if count <= room else [*range(room - 1), count - 1]


def _column(painter: QPainter, place: QRectF, rendering: Rendering, column: int, lines: list[QRectF]) -> None:
    painter.setFont(theme.font("caption"))
    _text(painter, QRectF(place.x(), place.y(), place.width(), HEAD), rendering.columns[column].replace("_", " "), "dim", LEFT)
    _bars(painter, QRectF(place.x(), place.y() + HEAD, place.width(), BARS - 6), rendering.histograms[column])
    painter.setFont(theme.mono("caption"))
    for line, cells in zip(lines, rendering.cells, strict=False):
        _text(painter, QRectF(place.x(), line.y(), place.width(), ROW), cells[column], "text", _side(cells[column]))


def _side(cell: str) -> Qt.AlignmentFlag:
    return RIGHT if cell[-1:].isdigit() and cell.lstrip("-")[:1].isdigit() else LEFT


def _bars(painter: QPainter, place: QRectF, heights: tuple[float, ...]) -> None:
    painter.fillRect(QRectF(place.x(), place.bottom(), place.width(), 1), theme.colour("line"))
    width = place.width() / max(1, len(heights))
    for k, height in enumerate(heights):
        tall = height * place.height()
        bar = QRectF(place.x() + k * width, place.bottom() - tall, max(1.0, width - 1), tall)
        painter.fillRect(bar, theme.colour("accent", 0.75))


def _text(painter: QPainter, place: QRectF, text: str, token: str, side: Qt.AlignmentFlag) -> None:
    painter.setPen(theme.colour(token))
    shown = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, int(side), shown)
