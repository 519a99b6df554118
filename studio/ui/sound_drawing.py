"""Paints a sound: its waveform, and where there is room its spectrogram below."""

from array import array
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from studio.engine.rendering import Rendering
from studio.ui import theme

LOW = 22
WAVE_SHARE = 0.36


def sound(painter: QPainter, place: QRectF, rendering: Rendering, index: int) -> None:
    """Sound `index` of an "audio" rendering."""
    both = place.height() >= LOW and rendering.spectra
    share = WAVE_SHARE if both else 1.0
    wave = QRectF(place.x(), place.y(), place.width(), place.height() * share)
    _waveform(painter, wave, samples(rendering, index))
    if both:
        below = QRectF(place.x(), wave.bottom() + 2, place.width(), place.bottom() - wave.bottom() - 2)
        painter.drawImage(below, _spectrogram(rendering, index))


def samples(rendering: Rendering, index: int) -> "array[float]":
    """The waveform of sound `index`, in [-1, 1]."""
    size = len(rendering.pixels) // max(1, rendering.count)
    return array("f", rendering.pixels[index * size : (index + 1) * size])


def _waveform(painter: QPainter, place: QRectF, wave: "array[float]") -> None:
    length, width = len(wave), max(1, int(place.width()))
    middle, half = place.center().y(), place.height() / 2
    painter.setPen(QPen(theme.colour("accent"), 1))
    for x in range(width):
        slot = wave[x * length // width : max(x * length // width + 1, (x + 1) * length // width)]
        top, bottom = (min(1.0, max(slot)), max(-1.0, min(slot))) if slot else (0.0, 0.0)
        painter.drawLine(QPointF(place.x() + x, middle - top * half), QPointF(place.x() + x, middle - bottom * half))


def _spectrogram(rendering: Rendering, index: int) -> QImage:
    size = rendering.width * rendering.height
    part = rendering.spectra[index * size : (index + 1) * size]
    image = QImage(part, rendering.width, rendering.height, rendering.width, QImage.Format.Format_Indexed8)
    image.setColorTable(_ramp(theme.colour("raised").rgb(), theme.colour("accent").rgb(), theme.colour("text").rgb()))
    return image.copy()


@lru_cache(maxsize=4)
def _ramp(silent: int, middle: int, loud: int) -> list[int]:
    """256 colours from silence over the accent to the loudest."""
    stops = [QColor.fromRgb(colour) for colour in (silent, middle, loud)]
    return [_between(stops[k // 128], stops[k // 128 + 1], k % 128 / 127) for k in range(256)]


def _between(a: QColor, b: QColor, share: float) -> int:
    mixed = [round(x + (y - x) * share) for x, y in zip(a.getRgb(), b.getRgb(), strict=True)]  # pyright: ignore[reportArgumentType]
    return QColor(*mixed).rgb()
