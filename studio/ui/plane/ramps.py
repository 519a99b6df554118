"""Colour maps that are even to the eye and safe for the colour-blind, from the scheme's panel upwards.

Lightness rises (or, on light ground, falls) evenly in OKLab, so a step of the values looks the same everywhere and survives in
grey: Ottosson, A perceptual color space for image processing, 2020, https://bottosson.github.io/posts/oklab/
"""

import math
from functools import cache

from studio.ui import theme

LEVELS = 256
_BLUE, _GOLD, _ORANGE = 262.0, 90.0, 55.0
_KNOTS = {
    "dark": ((0.0, 0.215, 0.012, 265.0), (0.3, 0.4, 0.075, _BLUE), (1.0, 0.84, 0.085, _GOLD)),
    "light": ((0.0, 1.0, 0.0, _GOLD), (0.25, 0.885, 0.05, _GOLD), (1.0, 0.5, 0.11, _BLUE)),
}
"""Place, lightness, chroma and hue; between them straight through OKLab, so blue and gold meet in grey."""


@cache
def sequential(scheme: str) -> tuple[int, ...]:
    """0xFFRRGGBB from the panel's own colour (nothing) over blue to pale gold (much); on light ground over gold to blue."""
    knots = [(place, _lab(lightness, chroma, hue)) for place, lightness, chroma, hue in _KNOTS[scheme]]
    return tuple(_rgb(*_between(knots, t)) for t in _places())


@cache
def diverging(scheme: str) -> tuple[int, ...]:
    """0xFFRRGGBB from orange over the panel's own colour to blue."""
    calm, strong = (0.215, 0.68) if scheme == "dark" else (1.0, 0.62)
    ends = {-1: _lab(strong, 0.125, _ORANGE), 1: _lab(strong, 0.125, _BLUE - 12)}
    middle = _lab(calm, 0.0, 0.0)
    return tuple(_rgb(*_mix(middle, ends[-1 if t < 0.5 else 1], abs(2 * t - 1))) for t in _places())


def current(kind: str) -> tuple[int, ...]:
    """The map called "sequential" or "diverging" in the scheme in force."""
    return (diverging if kind == "diverging" else sequential)(theme.tokens().name)


def _places() -> list[float]:
    return [k / (LEVELS - 1) for k in range(LEVELS)]


Lab = tuple[float, float, float]


def _lab(lightness: float, chroma: float, hue: float) -> Lab:
    return lightness, chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))


def _mix(start: Lab, end: Lab, t: float) -> Lab:
    a, b, c = (first + (last - first) * t for first, last in zip(start, end, strict=True))
    return a, b, c


def _between(knots: list[tuple[float, Lab]], t: float) -> Lab:
    after = next(k for k in range(1, len(knots)) if t <= knots[k][0])
    (low, start), (high, end) = knots[after - 1], knots[after]
    return _mix(start, end, (t - low) / (high - low))


def _rgb(lightness: float, a: float, b: float) -> int:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    return 0xFF000000 | _byte(red) << 16 | _byte(green) << 8 | _byte(blue)


def _byte(linear: float) -> int:
    value = min(1.0, max(0.0, linear))
    return round(255 * (12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055))
