"""A node's result, small enough to lie inside the node."""

import math

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPixmap

from studio.engine.rendering import Rendering
from studio.ui import drawing
from studio.ui.graph.geometry import INSET, WIDTH

ROOM = int(WIDTH - 2 * INSET)
TEXT_HEIGHT = 104
MOST_SOUNDS = 6
TABLE_HEIGHT = 148
NUMBER_HEIGHT = 20
MOST_TEXTS = 2


def thumbnail(rendering: Rendering) -> QPixmap:
    """The rendering as wide as a node allows and as high as it needs."""
    shown = _few(rendering)
    return drawing.thumbnail(shown, QSize(ROOM, max(1, _height(shown))))


def _few(rendering: Rendering) -> Rendering:
    if rendering.kind == "audio":
        return drawing.first(rendering, MOST_SOUNDS)
    few = rendering.texts[:MOST_TEXTS]
    return rendering.model_copy(update={"texts": few, "count": len(few)}) if rendering.kind == "texts" else rendering


def _height(rendering: Rendering) -> int:
    match rendering.kind:
        case "pictures" | "audio":
            tiles = drawing.tiles(rendering, QRectF(0, 0, ROOM, ROOM)) or [QRectF()]
            return math.ceil(max(tile.bottom() for tile in tiles) - min(tile.top() for tile in tiles))
        case "table":
            return TABLE_HEIGHT
        case "numbers":
            return NUMBER_HEIGHT * len(rendering.numbers)
        case "points":
            return ROOM
        case "texts":
            return TEXT_HEIGHT
