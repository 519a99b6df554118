"""Surfaces as pictures: an energy, a density, a discriminator's verdict, in quiet steps like contour lines."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from studio.engine.plane import Layer
from studio.ui.plane import ramps

Values = NDArray[Any]
SIDE = 360
BANDS = 12
STEEPNESS = 0.6
NATS = 9.0
LEAST = 0.2


class Look(NamedTuple):
    """How a surface is coloured: `scale` brings its values to 0..1 of the `ramp`; `ends` are what its two ends mean."""

    ramp: str
    ends: tuple[str, str]
    scale: Callable[[Values], Values]


def _dense(values: Values) -> Values:
    return np.sqrt(np.clip(values, 0, None) / max(float(np.quantile(values, 0.998)), 1e-12))


def _deep(values: Values) -> Values:
    depth = values - values.min()
    return 1 - depth / min(NATS, max(float(np.quantile(depth, 0.9)), 1e-6))


def _both_ways(values: Values) -> Values:
    """Around zero where both verdicts occur; a critic that only compares has no zero, so there around the middle."""
    low, high = float(np.quantile(values, 0.01)), float(np.quantile(values, 0.99))
    decided = min(-low, high) > LEAST * (high - low)
    middle = 0.0 if decided else (low + high) / 2
    return 0.5 + 0.5 * (values - middle) / max(high - middle, middle - low, 1e-6)


def _between(values: Values) -> Values:
    low, high = float(np.quantile(values, 0.01)), float(np.quantile(values, 0.99))
    return (values - low) / max(high - low, 1e-6)


LOOKS = {
    "density": Look("sequential", ("sparse", "dense"), _dense),
    "energy": Look("sequential", ("high energy", "low"), _deep),
    "discriminator": Look("diverging", ("fake", "real"), _both_ways),
}
_ANY = Look("sequential", ("low", "high"), _between)


def look_of(name: str) -> Look:
    """The look of the surface of that name, a plain one where the name is not known."""
    return LOOKS.get(name, _ANY)


def picture(layer: Layer) -> QImage:
    """A surface, `SIDE` pixels square, its upper edge at y = +reach, in the scheme in force."""
    values = np.frombuffer(layer.values, "<f4").reshape(layer.shape).astype(np.float32)
    look = look_of(layer.name)
    shares = np.clip(_resample(look.scale(values), SIDE), 0, 1)
    steps = np.minimum(np.floor(shares * BANDS) / (BANDS - 1), 1)
    index = np.clip((STEEPNESS * steps + (1 - STEEPNESS) * shares) * (ramps.LEVELS - 1), 0, ramps.LEVELS - 1).astype(np.uint8)
    pixels = np.array(ramps.current(look.ramp), np.uint32)[index[::-1]]
    return QImage(pixels.tobytes(), SIDE, SIDE, 4 * SIDE, QImage.Format.Format_RGB32).copy()


def _resample(values: Values, side: int) -> Values:
    """Smoothly between the grid's points, by Catmull-Rom splines along each axis."""
    return _along(_along(values, side).T, side).T


def _along(values: Values, side: int) -> Values:
    last = len(values) - 1
    places = np.linspace(0, last, side)
    first = np.minimum(places.astype(int), last - 1)
    t = (places - first)[:, None]
    spline = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2)
    near = (np.clip(first + offset, 0, last) for offset in (-1, 0, 1, 2))
    return sum((weight * values[row] for weight, row in zip(spline, near, strict=True)), np.zeros(())) / 2
