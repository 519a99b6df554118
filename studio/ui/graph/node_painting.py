"""Painting a node: header, ports, values, result, progress and caption."""

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QStaticText

from studio.ui import glyphs, theme
from studio.ui.graph.geometry import GLOW, HEADER, INSET, PORT_RADIUS, WIDTH
from studio.ui.graph.look import FONTS, static_text

if TYPE_CHECKING:
    from studio.ui.graph.node_item import NodeItem
    from studio.ui.graph.scene import GraphScene

CORNER = 8.0
MOST_ERROR = 240
GLYPH = 16.0
BAR = 2.0


def caption_of(item: "NodeItem") -> tuple[str, str]:
    """The line under a node and the colour token it has."""
    outcome, face = item.outcome, item.face
    if outcome.phase == "failed":
        return outcome.caption[:MOST_ERROR], "bad_text"
    if face.missing:
        return "plugin not installed", "warn_text"
    if face.lacking and outcome.phase != "running":
        return f"needs {' and '.join(face.lacking)}", "dim"
    if outcome.phase == "skipped":
        return f"not run: {_title(item, outcome.because)} failed", "dim"
    return outcome.caption, "dim"


def _title(item: "NodeItem", id: str) -> str:
    other = cast("GraphScene", item.scene()).nodes.get(id)
    return other.face.title if other else id


def caption_height(item: "NodeItem") -> float:
    """How much room the caption takes."""
    text, _ = caption_of(item)
    return _caption_text(item, text).size().height() if text else 0.0


def _caption_text(item: "NodeItem", text: str) -> QStaticText:
    return static_text(text, "caption", WIDTH - 2 * INSET, item.outcome.phase == "failed")


def paint_block(painter: QPainter, item: "NodeItem") -> None:
    """From afar: a block in the node's hue with its result."""
    body = item.layout.body
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(body, theme.colour("panel"))
    painter.fillRect(item.layout.header, _hue(item))
    if not item.picture.isNull():
        painter.drawPixmap(item.layout.thumbnail.topLeft(), item.picture)
    edge = _edge(item)
    if edge is not None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(edge, 6))
        painter.drawRect(body)


def paint_node(painter: QPainter, item: "NodeItem") -> None:
    """From near: everything."""
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    if item.face.missing:
        painter.setOpacity(0.6)
    _frame(painter, item)
    _header(painter, item)
    _ports(painter, item)
    _values(painter, item)
    _result(painter, item)
    _caption(painter, item)


def _hue(item: "NodeItem", alpha: float = 1.0) -> QColor:
    return theme.colour(item.face.hue, alpha)


def _edge(item: "NodeItem") -> QColor | None:
    if item.outcome.phase == "failed":
        return theme.colour("bad")
    if item.isSelected():
        return theme.colour("accent")
    return theme.colour("accent", 0.55) if item.outcome.phase == "running" else None


def _frame(painter: QPainter, item: "NodeItem") -> None:
    body, edge = item.layout.body, _edge(item)
    if item.outcome.phase == "failed":
        _glow(painter, body)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("panel"))
    painter.drawRoundedRect(body, CORNER, CORNER)
    painter.setBrush(_hue(item, 0.20))
    painter.drawPath(_rounded_top(item.layout.header))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    pen = QPen(edge or theme.colour("line"), 2 if edge else 1)
    if item.face.missing:
        pen.setStyle(Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.drawRoundedRect(body, CORNER, CORNER)


def _glow(painter: QPainter, body: QRectF) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for ring in range(int(GLOW) - 1, 0, -2):
        painter.setPen(QPen(theme.colour("bad", 0.05 + 0.028 * (GLOW - ring)), 2))
        painter.drawRoundedRect(body.adjusted(-ring, -ring, ring, ring), CORNER + ring, CORNER + ring)


def _rounded_top(rect: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.moveTo(rect.bottomLeft())
    path.lineTo(rect.left(), rect.top() + CORNER)
    path.quadTo(rect.topLeft(), QPointF(rect.left() + CORNER, rect.top()))
    path.lineTo(rect.right() - CORNER, rect.top())
    path.quadTo(rect.topRight(), QPointF(rect.right(), rect.top() + CORNER))
    path.lineTo(rect.bottomRight())
    path.closeSubpath()
    return path


def _header(painter: QPainter, item: "NodeItem") -> None:
    left = INSET
    if item.face.family:
        glyphs.paint(painter, item.face.family, QRectF(INSET, (HEADER - GLYPH) / 2, GLYPH, GLYPH), _hue(item))
        left += GLYPH + 8
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_hue(item))
        painter.drawRoundedRect(QRectF(INSET, (HEADER - 10) / 2, 10, 10), 3, 3)
        left += 18
    _write(painter, item.face.title, "title", "text", QRectF(left, 0, WIDTH - left - INSET, HEADER))


def _write(painter: QPainter, text: str, role: str, token: str, within: QRectF, *, right: bool = False) -> None:
    shown = static_text(text, role, within.width())
    x = within.right() - shown.size().width() if right else within.left()
    painter.setFont(FONTS[role]())
    painter.setPen(theme.colour(token))
    painter.drawStaticText(QPointF(x, within.center().y() - shown.size().height() / 2), shown)


def _ports(painter: QPainter, item: "NodeItem") -> None:
    type = item.face.type
    kinds = {(port.name, False): port for port in type.inputs} | {(port.name, True): port for port in type.outputs}
    half = WIDTH / 2 - INSET - 4
    for (name, output), centre in item.layout.ports.items():
        bright = item.lit is None or (name, output) in item.lit
        _port(painter, kinds[name, output].kind, centre, bright, bright and item.lit is not None)
        token = "text" if bright and item.lit is not None else "dim"
        left = WIDTH / 2 + 4 if output else INSET + 2
        _write(painter, name.replace("_", " "), "port", token, QRectF(left, centre.y() - 10, half - 2, 20), right=output)


def _port(painter: QPainter, kind: str, centre: QPointF, bright: bool, lit: bool) -> None:
    colour = theme.port_style(kind).colour
    if lit:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(colour, 0.3))
        painter.drawEllipse(centre, PORT_RADIUS + 5, PORT_RADIUS + 5)
    painter.translate(centre)
    painter.setPen(QPen(theme.colour("ground"), 1.5))
    painter.setBrush(theme.colour(colour) if bright else theme.colour("line"))
    painter.drawPath(glyphs.port_path(kind, PORT_RADIUS * (1.5 if kind == "any" else 1)))
    painter.translate(-centre)


def _values(painter: QPainter, item: "NodeItem") -> None:
    for (label, value), row in zip(item.face.values, item.layout.values, strict=True):
        name = static_text(label, "caption", row.width() / 2)
        taken = name.size().width() + 10
        _write(painter, label, "caption", "dim", row.adjusted(0, 0, -row.width() / 2, 0))
        _write(painter, value, "value", "text", row.adjusted(taken, 0, 0, 0), right=True)


def _result(painter: QPainter, item: "NodeItem") -> None:
    if not item.picture.isNull():
        painter.drawPixmap(item.layout.thumbnail.topLeft(), item.picture)


def _caption(painter: QPainter, item: "NodeItem") -> None:
    place, progress = item.layout.caption, item.outcome.progress
    text, token = caption_of(item)
    if text:
        painter.setFont(FONTS["caption"]())
        painter.setPen(theme.colour(token))
        painter.drawStaticText(place.topLeft(), _caption_text(item, text))
    if progress is not None:
        body = item.layout.body
        track = QRectF(INSET, body.bottom() - 5, WIDTH - 2 * INSET, BAR)
        painter.fillRect(track, theme.colour("line"))
        done = QRectF(track.left(), track.top(), track.width() * progress, BAR)
        painter.fillRect(done, theme.colour("accent"))
