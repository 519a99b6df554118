"""Paints the plane: a surface below, data and samples as points, arrows, paths and bent grids as light lines."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from studio.engine.plane import Layer
from studio.engine.rendering import Rendering
from studio.ui import theme

PATHS = "trajectories"
TICKS = (-2, 0, 2)


class Frame(NamedTuple):
    """The square of the plane, -reach to reach, on the square `place` of the screen."""

    place: QRectF
    reach: float

    def spots(self, points: NDArray[Any]) -> NDArray[Any]:
        """Where points (..., 2) of the plane fall on the screen."""
        scale = self.place.width() / (2 * self.reach)
        centre = self.place.center()
        return np.asarray(points) * (scale, -scale) + (centre.x(), centre.y())


def axes(painter: QPainter, frame: Frame) -> None:
    """Quiet lines through the middle."""
    place, middle = frame.place, frame.place.center()
    painter.setPen(QPen(theme.colour("dim", 0.16), 1))
    upright = QLineF(middle.x(), place.top(), middle.x(), place.bottom())
    painter.drawLines([upright, QLineF(place.left(), middle.y(), place.right(), middle.y())])


def ticks(painter: QPainter, frame: Frame) -> None:
    """How far things reach, along the lower edge."""
    painter.setFont(theme.mono())
    for tick in TICKS:
        if abs(tick) < frame.reach:
            x, _ = frame.spots(np.array([tick, 0.0]))
            painter.setPen(QPen(theme.colour("dim", 0.6), 1))
            painter.drawLine(QLineF(x, frame.place.bottom() - 4, x, frame.place.bottom()))
            painter.setPen(theme.colour("dim", 0.9))
            painter.drawText(QRectF(x - 20, frame.place.bottom() - 19, 40, 14), int(Qt.AlignmentFlag.AlignCenter), f"{tick:g}")


def cloud(
    painter: QPainter, frame: Frame, rendering: Rendering, colour: QColor, width: float, halo: QColor | None = None
) -> None:
    """Points, with a ring of `halo` that lifts them off a surface."""
    spots = _polygon(frame.spots(np.array(rendering.points, float).reshape(-1, 2)))
    for pen, size in ((halo, width + 1.8), (colour, width)):
        if pen is not None:
            painter.setPen(QPen(pen, size, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            painter.drawPoints(spots)


def arrows(painter: QPainter, frame: Frame, layer: Layer, colour: QColor) -> None:
    """A vector field: directions at full strength, lengths by the square root so that weak ones still point."""
    rows = numbers(layer)
    lengths = np.hypot(rows[:, 2], rows[:, 3])
    longest = max(float(np.quantile(lengths, 0.95)), 1e-9)
    cell = frame.place.width() / max(2.0, np.sqrt(len(rows)))
    shares = np.sqrt(np.clip(lengths / longest, 0, 1))
    along = rows[:, 2:] * (1, -1) / np.maximum(lengths, 1e-9)[:, None]
    half = along * (0.4 * cell * shares)[:, None]
    middle = frame.spots(rows[:, :2])
    for low, high, alpha in ((-1.0, 0.35, 0.35), (0.35, 0.7, 0.65), (0.7, 2.0, 1.0)):
        chosen = (shares > low) & (shares <= high)
        faded = QColor(colour)
        faded.setAlphaF(alpha * colour.alphaF())
        painter.setPen(QPen(faded, 1.1, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawLines(_arrow_lines(middle[chosen], half[chosen]))


def _arrow_lines(middle: NDArray[Any], half: NDArray[Any]) -> list[QLineF]:
    tip, tail = middle + half, middle - half
    side = np.stack([-half[:, 1], half[:, 0]], axis=1)
    barbs = [tip - 0.5 * half + sign * 0.3 * side for sign in (-1, 1)]
    return _lines(tail, tip) + _lines(barbs[0], tip) + _lines(barbs[1], tip)


def lines(painter: QPainter, frame: Frame, layer: Layer, colour: QColor) -> None:
    """Bent lines, all alike."""
    painter.setPen(QPen(colour, 1))
    for line in frame.spots(numbers(layer)):
        painter.drawPolyline(_polygon(line))


def paths(painter: QPainter, frame: Frame, layer: Layer, colour: QColor) -> None:
    """Ways from noise to data: each begins as a faint trace and arrives in full colour."""
    points = frame.spots(numbers(layer))
    steps = points.shape[1] - 1
    for step in range(steps):
        share = (step + 1) / steps
        faded = QColor(colour)
        faded.setAlphaF((0.12 + 0.6 * share**1.5) * colour.alphaF())
        painter.setPen(QPen(faded, 0.8 + 0.5 * share, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLines(_lines(points[:, step], points[:, step + 1]))
    painter.setPen(QPen(theme.colour("dim", 0.7), 2.4, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPoints(_polygon(points[:, 0]))


def numbers(layer: Layer) -> NDArray[Any]:
    """A layer's values in their shape."""
    return np.frombuffer(layer.values, "<f4").reshape(layer.shape).astype(np.float64)


def _lines(start: NDArray[Any], end: NDArray[Any]) -> list[QLineF]:
    return [QLineF(*row) for row in np.concatenate([start, end], axis=1).tolist()]


def _polygon(points: NDArray[Any]) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in points.tolist()])


def is_path(layer: Layer) -> bool:
    """Whether lines lead from noise to data, rather than being a grid."""
    return layer.kind == "lines" and layer.name.startswith(PATHS)


def in_order(layers: Sequence[Layer]) -> list[Layer]:
    """From the ground up: surfaces, grids, arrows, paths."""
    return sorted(layers, key=lambda layer: (is_path(layer), ("surface", "lines", "arrows").index(layer.kind), layer.name))
