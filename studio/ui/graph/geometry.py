"""Where everything in a node lies, and the curve of a link; in scene units, a node's own origin at its top left."""

from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainterPath

from studio.api.node import NodeType
from studio.ui.graph.linking import End

WIDTH = 216.0
HEADER = 32.0
ROW = 24.0
VALUE_ROW = 20.0
CAPTION = 16.0
INSET = 12.0
GAP = 8.0
PORT_RADIUS = 6.0
PORT_REACH = 14.0
GLOW = 10.0


@dataclass(frozen=True)
class Layout:
    """The parts of one node.

    Attributes:
        ports: centre of each port by (name, whether it is an output).
        values: one rectangle per painted parameter.
        thumbnail: where the result is painted, empty where there is none.
    """

    body: QRectF
    header: QRectF
    ports: dict[tuple[str, bool], QPointF]
    values: tuple[QRectF, ...]
    thumbnail: QRectF
    caption: QRectF

    @property
    def reach(self) -> QRectF:
        """Everything that may be painted, ports and glow included."""
        return self.body.adjusted(-GLOW, -GLOW, GLOW, GLOW)

    def port_at(self, point: QPointF) -> tuple[str, bool] | None:
        """The nearest port within reach of `point`."""
        near = [(_distance(centre, point), key) for key, centre in self.ports.items()]
        distance, key = min(near, default=(PORT_REACH + 1, None))
        return key if distance <= PORT_REACH else None


def lay_out(type: NodeType, values: int, thumbnail: QSizeF | None, caption_height: float = 0.0) -> Layout:
    """The layout of a node that shows `values` parameters, a result of the size `thumbnail` and some lines of caption."""
    rows = max(len(type.inputs), len(type.outputs))
    top = HEADER + GAP
    ports = dict(_ports(type, top))
    top += rows * ROW + (GAP / 2 if rows and values else 0)
    fields = tuple(QRectF(INSET, top + row * VALUE_ROW, WIDTH - 2 * INSET, VALUE_ROW) for row in range(values))
    top += values * VALUE_ROW
    picture = QRectF(QPointF(INSET, top + GAP), thumbnail) if thumbnail else QRectF()
    top = picture.bottom() if thumbnail else top
    caption = QRectF(INSET, top + 6, WIDTH - 2 * INSET, max(caption_height, CAPTION))
    body = QRectF(0, 0, WIDTH, caption.bottom() + 8)
    return Layout(body, QRectF(0, 0, WIDTH, HEADER), ports, fields, picture, caption)


def _ports(type: NodeType, top: float) -> Iterator[tuple[tuple[str, bool], QPointF]]:
    for row, port in enumerate(type.inputs):
        yield (port.name, False), QPointF(0, top + row * ROW + ROW / 2)
    for row, port in enumerate(type.outputs):
        yield (port.name, True), QPointF(WIDTH, top + row * ROW + ROW / 2)


def end_of(node: str, key: tuple[str, bool]) -> End:
    """A layout's port key as an end of a link."""
    return End(node, key[0], key[1])


def curve(start: QPointF, finish: QPointF) -> QPainterPath:
    """A link's path: leaves to the right, arrives from the left."""
    path = QPainterPath(start)
    bend = max(36.0, min(abs(finish.x() - start.x()) / 2, 160.0))
    if finish.x() < start.x():
        bend += min((start.x() - finish.x()) / 3, 120.0)
    path.cubicTo(start + QPointF(bend, 0), finish - QPointF(bend, 0), finish)
    return path


def _distance(a: QPointF, b: QPointF) -> float:
    return (a - b).manhattanLength()
