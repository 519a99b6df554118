"""Every mark the window draws: rail, families, actions and ports, as strokes on a 24 by 24 grid."""

from functools import cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from studio.ui import theme

_STROKES = {
    "arena": "R 4 4 7 7 R 13 4 7 7 R 4 13 7 7 R 13 13 7 7",
    "train": "M 7 4.5 L 19 12 L 7 19.5 Z",
    "graph": "O 6 6 2.5 O 6 18 2.5 O 18 12 2.5 M 8.5 6 C 13 6 11 12 15.5 12 M 8.5 18 C 13 18 11 12 15.5 12",
    "library": "M 5 4 L 5 20 M 10 4 L 10 20 M 14.5 4.5 L 19.5 19.5",
    "plugins": "R 4 9 11 11 M 9 9 L 9 4 L 20 4 L 20 15 L 15 15",
    "settings": "M 4 7 L 11 7 M 17 7 L 20 7 O 14 7 2.5 M 4 17 L 7 17 M 13 17 L 20 17 O 10 17 2.5",
    "gan": "M 4 5.5 L 10.5 12 L 4 18.5 Z M 20 5.5 L 13.5 12 L 20 18.5 Z",
    "diffusion": "O 7 8 3.6 O 16.5 6 2 O 14.5 13 2.4 O 7 17.5 2 O 19.5 17.5 1.3 O 13 20 1",
    "flow": "M 3 9 C 8 2 12 16 21 7 M 3 17 C 8 10 12 24 21 15",
    "flow_matching": "O 5 7 2 O 5 17 2 M 8 7 L 20 7 M 16.5 4 L 20 7 L 16.5 10 M 8 17 L 20 17 M 16.5 14 L 20 17 L 16.5 20",
    "vae": "M 3.5 4.5 L 12 10 L 20.5 4.5 L 20.5 19.5 L 12 14 L 3.5 19.5 Z",
    "autoregressive": "M 4 19 L 4 15 M 9.3 19 L 9.3 12 M 14.6 19 L 14.6 9 M 20 19 L 20 5",
    "ebm": "M 3 5 C 6.5 25 17.5 25 21 5 O 12 14 2.4",
    "transformer": "O 12 4.8 2 O 4.8 19 2 O 12 19 2 O 19.2 19 2 M 12 7 L 12 16.8 M 11 6.8 L 5.7 17.1 M 13 6.8 L 18.3 17.1",
    "nerf": "M 12 3 L 20 7.5 L 20 16.5 L 12 21 L 4 16.5 L 4 7.5 Z M 4 7.5 L 12 12 L 20 7.5 M 12 12 L 12 21",
    "hybrid": "O 9 12 5.8 O 15 12 5.8",
    "consistency": "O 12 12 8.3 O 12 12 3",
    "mamba": "M 18 6.5 C 13 2 4 6 8 10 C 11 12.5 17 12 17.5 15.5 C 18 20.5 9 21 5 17.5",
    "reroll": "A 12 12 7.5 15 290 M 19.5 4.5 L 19.5 10 L 14 10",
    "plus": "M 12 5 L 12 19 M 5 12 L 19 12",
    "close": "M 6.5 6.5 L 17.5 17.5 M 17.5 6.5 L 6.5 17.5",
    "search": "O 10.5 10.5 6 M 15 15 L 20 20",
    "play": "M 8 5.5 L 18.5 12 L 8 18.5 Z",
    "pause": "M 8.5 5.5 L 8.5 18.5 M 15.5 5.5 L 15.5 18.5",
    "stop": "R 6.5 6.5 11 11",
    "down": "M 6 9.5 L 12 15.5 L 18 9.5",
    "right": "M 9.5 6 L 15.5 12 L 9.5 18",
    "check": "M 5 12.5 L 10 17.5 L 19 7",
    "warning": "M 12 4 L 21 19.5 L 3 19.5 Z M 12 10 L 12 14 M 12 16.8 L 12 16.9",
    "error": "O 12 12 8.5 M 12 7.5 L 12 13 M 12 16.2 L 12 16.3",
    "info": "O 12 12 8.5 M 12 11 L 12 16.5 M 12 7.7 L 12 7.8",
    "copy": "R 8.5 8.5 11 11 M 5 15.5 L 4.5 15.5 L 4.5 4.5 L 15.5 4.5 L 15.5 5",
    "folder": "M 3.5 6 L 9.5 6 L 11.5 8.5 L 20.5 8.5 L 20.5 18.5 L 3.5 18.5 Z",
    "data": "R 4 4 16 16 M 4 15.5 L 9 11 L 13 15 L 16 12.5 L 20 16 O 15.5 8.5 1.4",
    "wave": "M 3 12 L 6 12 M 7.5 8 L 7.5 16 M 11 4 L 11 20 M 14.5 9 L 14.5 15 M 18 11 L 18 13 M 19.5 12 L 21 12",
    "table": "R 4 5 16 14 M 4 10 L 20 10 M 4 14.5 L 20 14.5 M 10 5 L 10 19",
    "reset": "A 12 12 7.5 165 -290 M 4.5 4.5 L 4.5 10 L 10 10",
    "undo": "M 9 5 L 4.5 9.5 L 9 14 M 4.5 9.5 L 14 9.5 C 21 9.5 21 19 14 19 L 9 19",
    "redo": "M 15 5 L 19.5 9.5 L 15 14 M 19.5 9.5 L 10 9.5 C 3 9.5 3 19 10 19 L 15 19",
    "fit": "M 4 9 L 4 4 L 9 4 M 15 4 L 20 4 L 20 9 M 20 15 L 20 20 L 15 20 M 9 20 L 4 20 L 4 15",
    "save": "M 4.5 4.5 L 16 4.5 L 19.5 8 L 19.5 19.5 L 4.5 19.5 Z M 8 4.5 L 8 9 L 15 9 L 15 4.5 M 8 19.5 L 8 14 L 16 14 L 16 19",
    "trash": "M 4 7 L 20 7 M 9 7 L 9 4 L 15 4 L 15 7 M 6.5 7 L 7.5 20 L 16.5 20 L 17.5 7 M 10.3 11 L 10.3 16 M 13.7 11 L 13.7 16",
    "export": "M 12 15.5 L 12 4 M 7.5 8.5 L 12 4 L 16.5 8.5 M 4.5 14.5 L 4.5 20 L 19.5 20 L 19.5 14.5",
    "import": "M 12 4 L 12 15.5 M 7.5 11 L 12 15.5 L 16.5 11 M 4.5 14.5 L 4.5 20 L 19.5 20 L 19.5 14.5",
    "live": "M 13 3.5 L 5.5 13.5 L 11 13.5 L 10.5 20.5 L 18.5 10 L 12.5 10 Z",
    "run_to": "M 4.5 5.5 L 14 12 L 4.5 18.5 Z M 19 5 L 19 19",
}


@cache
def path(name: str) -> QPainterPath:
    """The glyph's path on the 24 grid."""
    words = iter(_STROKES[name].split())
    made = QPainterPath()
    for command in words:
        _DRAW[command](made, [float(next(words)) for _ in range(_ARGUMENTS[command])])
    return made


def _arc(made: QPainterPath, a: list[float]) -> None:
    x, y, radius, start, span = a
    made.arcMoveTo(QRectF(x - radius, y - radius, 2 * radius, 2 * radius), start)
    made.arcTo(QRectF(x - radius, y - radius, 2 * radius, 2 * radius), start, span)


_ARGUMENTS = {"M": 2, "L": 2, "C": 6, "Z": 0, "O": 3, "R": 4, "A": 5}
_DRAW = {
    "M": lambda p, a: p.moveTo(*a),
    "L": lambda p, a: p.lineTo(*a),
    "C": lambda p, a: p.cubicTo(*a),
    "Z": lambda p, _: p.closeSubpath(),
    "O": lambda p, a: p.addEllipse(QPointF(a[0], a[1]), a[2], a[2]),
    "R": lambda p, a: p.addRoundedRect(QRectF(*a), 1.5, 1.5),
    "A": _arc,
}


def paint(painter: QPainter, name: str, rect: QRectF, colour: QColor, width: float = 1.7) -> None:
    """Draw a glyph into `rect`; `width` is the stroke's on the 24 grid."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 24, rect.height() / 24)
    pen = QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(path(name), pen)
    painter.restore()


def pixmap(name: str, colour: QColor, size: int = 16, ratio: float = 2.0) -> QPixmap:
    """A glyph as a pixmap of `size` logical pixels."""
    made = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    paint(painter, name, QRectF(0, 0, size, size), colour)
    painter.end()
    return made


def icon(name: str, colour: QColor | None = None, size: int = 16) -> QIcon:
    """A glyph as an icon in `colour` (the text's where absent)."""
    return QIcon(pixmap(name, colour or theme.colour("text"), size))


def port_path(kind: str, radius: float = 5.0) -> QPainterPath:
    """The outline of a port of `kind` around the origin."""
    return _port(theme.port_style(kind).shape, radius)


@cache
def _port(shape: str, r: float) -> QPainterPath:
    made = QPainterPath()
    if shape in _CORNERS:
        made.addPolygon(QPolygonF([QPointF(x * r, y * r) for x, y in _CORNERS[shape]]))
        made.closeSubpath()
    elif shape == "pill":
        made.addRoundedRect(QRectF(-1.25 * r, -0.8 * r, 2.5 * r, 1.6 * r), 0.8 * r, 0.8 * r)
    elif shape == "half":
        made.arcTo(QRectF(-r, -r, 2 * r, 2 * r), 90, 180)
        made.closeSubpath()
    elif shape == "rows":
        for y in (-0.95, -0.25, 0.45):
            made.addRect(QRectF(-r, y * r, 2 * r, 0.5 * r))
    else:
        scale = 0.55 if shape == "dot" else 1.0
        made.addEllipse(QPointF(0, 0), r * scale, r * scale)
        if shape == "ring":
            made.addEllipse(QPointF(0, 0), r * 0.5, r * 0.5)
    return made


_HEXAGON = ((-1.1, 0.0), (-0.55, -0.95), (0.55, -0.95), (1.1, 0.0), (0.55, 0.95), (-0.55, 0.95))
_CORNERS = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "hexagon": _HEXAGON,
    "solid_hexagon": _HEXAGON,
    "triangle": ((0.0, -1.05), (1.1, 0.85), (-1.1, 0.85)),
    "diamond": ((0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)),
}
