"""The plane, large: data, samples, and what the method shows of itself, as one picture that is composed once and kept."""

from collections.abc import Set as AbstractSet

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.engine.plane import Layer, Plane
from studio.engine.rendering import Rendering
from studio.ui import theme
from studio.ui.plane import painting, ramps, surfaces
from studio.ui.plane.painting import Frame

SAMPLES, DATA = "samples", "data"
REACH, FARTHEST = 3.0, 12.0
LEGIBLE = 220


class PlaneView(QWidget):
    """A square that shows those layers of a plane that are switched on."""

    def __init__(self) -> None:
        super().__init__()
        self._plane: Plane | None = None
        self._data: Rendering | None = None
        self._hue = theme.tokens().accent
        self._on: AbstractSet[str] = frozenset()
        self._pixmap: QPixmap | None = None
        self._pictures: dict[tuple[str, bytes], QImage] = {}
        self.composed = 0
        self.setAccessibleName("The plane")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        theme.changes.changed.connect(self._redress)

    def show_plane(self, plane: Plane | None, on: AbstractSet[str]) -> None:
        """Show a preview, of it the layers named in `on` (and `SAMPLES` and `DATA`)."""
        if plane is not self._plane:
            self._pictures.clear()
        self._plane, self._on = plane, on
        self._forget()

    def show_data(self, data: Rendering | None) -> None:
        """The real points below."""
        self._data = data
        self._forget()

    def dress(self, hue: str) -> None:
        """The colour of samples and of their ways: "#rrggbb"."""
        self._hue = hue
        self._forget()

    def reach(self) -> float:
        """Half the side of the square: where data has unit variance always the same, so that nothing jumps."""
        return REACH if self._data is None else min(FARTHEST, max(REACH, self._data.bounds[2]))

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, 320)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        if self._pixmap is None:
            self._pixmap = self._compose()
        QPainter(self).drawPixmap(0, 0, self._pixmap)

    def _compose(self) -> QPixmap:
        self.composed += 1
        ratio = self.devicePixelRatioF()
        made = QPixmap(self.size() * ratio)
        made.setDevicePixelRatio(ratio)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self._paint(painter, Frame(self._square(), self.reach()))
        painter.end()
        return made

    def _square(self) -> QRectF:
        side = min(self.width(), self.height()) - 1
        return QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)

    def _paint(self, painter: QPainter, frame: Frame) -> None:
        edge = QPainterPath()
        edge.addRoundedRect(frame.place, theme.RADIUS["control"], theme.RADIUS["control"])
        painter.setClipPath(edge)
        painter.fillPath(edge, QColor.fromRgb(ramps.current("sequential")[0]))
        shown = [layer for layer in painting.in_order(self._plane.layers if self._plane else ()) if layer.name in self._on]
        surface = next((layer for layer in reversed(shown) if layer.kind == "surface"), None)
        if surface is not None:
            self._paint_surface(painter, frame, surface)
        painting.axes(painter, frame)
        self._paint_points_and_lines(painter, frame, shown)
        painting.ticks(painter, frame)
        if surface is not None and frame.place.width() > LEGIBLE:
            _legend(painter, frame, surface)
        painter.setClipping(False)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(edge)

    def _paint_surface(self, painter: QPainter, frame: Frame, layer: Layer) -> None:
        key = (layer.name, layer.values)
        if key not in self._pictures:
            self._pictures = {key: surfaces.picture(layer)}
        half = layer.reach * frame.place.width() / (2 * frame.reach)
        centre = frame.place.center()
        painter.drawImage(QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half), self._pictures[key])

    def _paint_points_and_lines(self, painter: QPainter, frame: Frame, shown: list[Layer]) -> None:
        size = max(1.6, min(3.4, frame.place.width() / 150))
        if self._data is not None and DATA in self._on:
            painting.cloud(painter, frame, self._data, theme.colour("text", 0.36), 0.7 * size)
        for layer in shown:
            if painting.is_path(layer):
                painting.paths(painter, frame, layer, theme.colour(self._hue))
            elif layer.kind == "lines":
                painting.lines(painter, frame, layer, theme.colour("text", 0.34))
            elif layer.kind == "arrows":
                painting.arrows(painter, frame, layer, theme.colour("text", 0.5))
        if self._plane is not None and SAMPLES in self._on:
            painting.cloud(painter, frame, self._plane.samples, theme.colour(self._hue), size, theme.colour("panel", 0.75))

    def _redress(self) -> None:
        self._pictures.clear()
        self._forget()

    def _forget(self) -> None:
        self._pixmap = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._forget()


def _legend(painter: QPainter, frame: Frame, layer: Layer) -> None:
    """What the colours mean, in the upper right corner."""
    look = surfaces.look_of(layer.name)
    painter.setFont(theme.font("caption"))
    measure = painter.fontMetrics()
    widths = [measure.horizontalAdvance(word) for word in look.ends]
    bar, height = 56.0, 22.0
    width = sum(widths) + bar + 26
    area = QRectF(frame.place.right() - width - 8, frame.place.top() + 8, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("panel", 0.8))
    painter.drawRoundedRect(area, 4, 4)
    painter.setPen(theme.colour("dim"))
    for word, place in zip(look.ends, (area.x() + 7, area.right() - 7 - widths[1]), strict=True):
        painter.drawText(QRectF(place, area.y(), 200, height), int(Qt.AlignmentFlag.AlignVCenter), word)
    ramp = ramps.current(look.ramp)
    strip = QImage(len(ramp), 1, QImage.Format.Format_RGB32)
    for k, colour in enumerate(ramp):
        strip.setPixel(k, 0, colour)
    painter.drawImage(QRectF(area.x() + 13 + widths[0], area.center().y() - 3, bar, 6), strip)
