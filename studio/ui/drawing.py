"""Paints samples of any kind: pictures as crisp tiles, points as a scatter, texts in mono, and sounds and tables."""

import math

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap, QPolygonF, QTextOption

from studio.engine.rendering import Rendering
from studio.ui import sound_drawing, table_drawing, theme

GAP = 4


def picture(rendering: Rendering, index: int) -> QImage:
    """Tile `index` of a "pictures" rendering."""
    size = 4 * rendering.width * rendering.height
    pixels = rendering.pixels[index * size : (index + 1) * size]
    return QImage(pixels, rendering.width, rendering.height, 4 * rendering.width, QImage.Format.Format_RGBA8888).copy()


def crisp(image: QImage, size: QSize) -> QImage:
    """Scaled to `size`: small pictures keep their pixels square and sharp, large ones are averaged."""
    grow = max(size.width() / max(1, image.width()), size.height() / max(1, image.height()))
    if grow > 1:
        image = image.scaled(image.size() * math.ceil(grow))
    return image.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)


def columns(rendering: Rendering, width: float, height: float) -> int:
    """How many columns of tiles fill `width` by `height` best."""
    if rendering.kind in ("texts", "table"):
        return 1
    aspect = _aspect(rendering)
    return max(range(1, max(1, rendering.count) + 1), key=lambda n: _tile_width(n, rendering.count, aspect, width, height))


def _aspect(rendering: Rendering) -> float:
    return rendering.width / rendering.height if rendering.kind == "pictures" and rendering.height else 1.8


def _tile_width(n: int, count: int, aspect: float, width: float, height: float) -> float:
    rows = math.ceil(max(1, count) / n)
    return min((width - GAP * (n - 1)) / n, aspect * (height - GAP * (rows - 1)) / rows)


def tiles(rendering: Rendering, area: QRectF) -> list[QRectF]:
    """Where each sample lies within `area`; points share one place, so there is a single rectangle."""
    if rendering.kind in ("points", "numbers"):
        return [area]
    if rendering.kind == "texts":
        return _stack(max(1, rendering.count), area)
    if rendering.kind == "table":
        return table_drawing.rows(rendering, area)
    n = columns(rendering, area.width(), area.height())
    aspect = _aspect(rendering)
    width = math.floor(max(1.0, _tile_width(n, rendering.count, aspect, area.width(), area.height())))
    height = width / aspect
    rows = math.ceil(rendering.count / n)
    left = area.x() + (area.width() - n * width - (n - 1) * GAP) / 2
    top = area.y() + (area.height() - rows * height - (rows - 1) * GAP) / 2
    place = [(left + (k % n) * (width + GAP), top + (k // n) * (height + GAP)) for k in range(rendering.count)]
    return [QRectF(math.floor(x), math.floor(y), width, height) for x, y in place]


def _stack(count: int, area: QRectF) -> list[QRectF]:
    height = (area.height() - 8 * (count - 1)) / count
    return [QRectF(area.x(), area.y() + k * (height + 8), area.width(), height) for k in range(count)]


def paint(painter: QPainter, area: QRectF, rendering: Rendering) -> None:
    """Draw a whole rendering into `area`."""
    places = tiles(rendering, area)
    if rendering.kind == "points":
        scatter(painter, area, rendering)
    elif rendering.kind == "numbers":
        numbers(painter, area, rendering)
    elif rendering.kind == "table":
        table_drawing.table(painter, area, rendering)
    else:
        for index, place in enumerate(places):
            paint_sample(painter, place, rendering, index)


def paint_sample(painter: QPainter, place: QRectF, rendering: Rendering, index: int) -> None:
    """Draw one sample into `place`."""
    if rendering.kind == "pictures":
        _picture(painter, place, rendering, index)
    elif rendering.kind == "texts":
        _text(painter, place, rendering.texts[index])
    elif rendering.kind == "audio":
        sound_drawing.sound(painter, place, rendering, index)
    elif rendering.kind == "table":
        table_drawing.row(painter, place, rendering, index)
    elif rendering.kind == "points":
        scatter(painter, place, rendering, index)
    else:
        numbers(painter, place, rendering)


def _picture(painter: QPainter, place: QRectF, rendering: Rendering, index: int) -> None:
    ratio = painter.device().devicePixelRatioF()
    size = QSize(max(1, round(place.width() * ratio)), max(1, round(place.height() * ratio)))
    image = crisp(picture(rendering, index), size)
    image.setDevicePixelRatio(ratio)
    painter.drawImage(place.topLeft(), image)


def _text(painter: QPainter, place: QRectF, text: str) -> None:
    painter.save()
    painter.setClipRect(place)
    painter.setFont(theme.mono("caption"))
    painter.setPen(theme.colour("text"))
    option = QTextOption(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    painter.drawText(place, text, option)
    painter.restore()


def scatter(painter: QPainter, place: QRectF, rendering: Rendering, chosen: int | None = None) -> None:
    """Points within the rendering's bounds, equally scaled; `chosen` is ringed."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    spots = positions(rendering, place)
    painter.setClipRect(place)
    painter.setPen(QPen(theme.colour("accent", 0.8), 2.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawPoints(QPolygonF(spots))
    if chosen is not None and chosen < len(spots):
        painter.setPen(QPen(theme.colour("warn"), 2))
        ring = min(6.0, place.width() / 12)
        painter.drawEllipse(spots[chosen], ring, ring)
    painter.restore()


def positions(rendering: Rendering, place: QRectF) -> list[QPointF]:
    """Where the points of a rendering fall in `place`."""
    x0, y0, x1, y1 = rendering.bounds
    scale = min(place.width() / max(x1 - x0, 1e-9), place.height() / max(y1 - y0, 1e-9))
    cx, cy, middle = (x0 + x1) / 2, (y0 + y1) / 2, place.center()
    return [QPointF(middle.x() + (x - cx) * scale, middle.y() - (y - cy) * scale) for x, y in rendering.points]


def numbers(painter: QPainter, place: QRectF, rendering: Rendering) -> None:
    """Names and values, one a row."""
    painter.save()
    for row, (name, value) in enumerate(rendering.numbers.items()):
        line = QRectF(place.x(), place.y() + 20 * row, place.width(), 20)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("dim"))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), name)
        painter.setFont(theme.mono("caption"))
        painter.setPen(theme.colour("text"))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), f"{value:.4g}")
    painter.restore()


def thumbnail(rendering: Rendering, size: QSize, ratio: float = 2.0) -> QPixmap:
    """A whole rendering as a pixmap of `size` logical pixels on a transparent ground."""
    made = QPixmap(size * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(QColor(0, 0, 0, 0))
    painter = QPainter(made)
    paint(painter, QRectF(QRect(0, 0, size.width(), size.height())), rendering)
    painter.end()
    return made


def sample_image(rendering: Rendering, index: int) -> QImage:
    """One sample as a picture to keep: its own pixels where it is one, else drawn at 640 by 480."""
    if rendering.kind == "pictures":
        return picture(rendering, index)
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    image.fill(theme.colour("panel"))
    painter = QPainter(image)
    paint_sample(painter, QRectF(24, 24, 592, 432), rendering, index)
    painter.end()
    return image


def first(rendering: Rendering, count: int) -> Rendering:
    """The first samples only; points stay together, of texts the first is enough."""
    if rendering.kind == "texts":
        return rendering.model_copy(update={"texts": rendering.texts[:1], "count": min(1, rendering.count)})
    if rendering.kind in ("points", "numbers", "table") or rendering.count <= count:
        return rendering
    cut = {name: data[: len(data) * count // rendering.count] for name, data in _bytes_of(rendering).items()}
    return rendering.model_copy(update={"count": count, **cut})


def _bytes_of(rendering: Rendering) -> dict[str, bytes]:
    return {"pixels": rendering.pixels, "spectra": rendering.spectra}
