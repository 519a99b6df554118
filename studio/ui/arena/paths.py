"""How points came from noise: the way of each through the frames of a generation, the chosen one's in full."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from studio.engine.rendering import Rendering
from studio.ui import drawing, theme

FAINT = 80


def in_one_frame(frames: Sequence[Rendering]) -> list[Rendering]:
    """Those frames that have the last one's points, all with bounds that hold them all; nothing where there is no way to see."""
    last = frames[-1]
    alike = [frame for frame in frames if frame.kind == "points" and frame.count == last.count]
    if len(alike) < 3:
        return []
    reach = max(frame.bounds[2] for frame in alike)
    return [frame.model_copy(update={"bounds": (-reach, -reach, reach, reach)}) for frame in alike]


def paint(painter: QPainter, place: QRectF, frames: Sequence[Rendering], chosen: int) -> None:
    """The ways of some points as faint lines, that of `chosen` bright from its start, and the points where they ended."""
    ways = list(zip(*(drawing.positions(frame, place) for frame in frames), strict=True))
    painter.save()
    painter.setClipRect(place)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme.colour("dim", 0.25), 1))
    for way in ways[:FAINT]:
        painter.drawPolyline(QPolygonF(list(way)))
    drawing.scatter(painter, place, frames[-1])
    if chosen < len(ways):
        _paint_chosen(painter, ways[chosen])
    painter.restore()


def _paint_chosen(painter: QPainter, way: Sequence[QPointF]) -> None:
    painter.setPen(QPen(theme.colour("warn"), 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    painter.drawPolyline(QPolygonF(list(way)))
    painter.setPen(QPen(theme.colour("warn"), 4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPoints(QPolygonF(list(way[:-1])))
    painter.setPen(QPen(theme.colour("warn"), 2))
    painter.drawEllipse(way[-1], 6, 6)
