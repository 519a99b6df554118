"""What can be said of a picture by measuring it: colours, size, shape and place, in a few fixed words."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

HUES = (
    (15, "red"), (45, "orange"), (70, "yellow"), (165, "green"), (200, "turquoise"), (260, "blue"), (295, "purple"),
    (340, "pink"), (361, "red"),
)  # fmt: skip
"""The end of each hue in degrees, and its name."""
MOST_COLOURS, LEAST_SHARE = 3, 0.12
APART = 0.2
"""How far a pixel is from the background, of 1 for black against white, to belong to the thing shown."""
COLOURS = ("black", "grey", "white", "brown", *dict.fromkeys(name for _, name in HUES))
SIZES = ((0.25, "small"), (0.6, "midsize"), (1.01, "large"))
SHAPES = ("tall", "wide", "round", "square", "irregular")
PLACES = ("left", "right", "top", "bottom", "middle")
WORDS = (*COLOURS, *(name for _, name in SIZES), *SHAPES, *PLACES, "symmetric", "asymmetric", "plain")
"""Every word that `describe` may say."""


def describe(picture: NDArray[np.float32]) -> str:
    """Size, shape, colours from the commonest on, place and symmetry of what a picture (c, h, w) in [-1, 1] shows.

    Example:
        >>> sun = -np.ones((3, 16, 16), np.float32)
        >>> sun[:2, 3:13, 3:13] = 1.0
        >>> describe(sun)
        'midsize square yellow middle symmetric'
    """
    colour = _coloured(picture)
    thing = np.abs(colour - _background(colour)).max(2) > APART
    if not thing.any():
        return f"plain {' '.join(colours(colour.reshape(-1, 3)))}"
    said = (size_and_shape(thing), *colours(colour[thing]), place(thing), "symmetric" if _symmetric(colour) else "asymmetric")
    return " ".join(said)


def colours(pixels: NDArray[np.floating[Any]]) -> list[str]:
    """The commonest named colours of pixels (n, 3) in [0, 1]: at most three, each an eighth of them or more."""
    names, counts = np.unique(name_colours(pixels), return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MOST_COLOURS]
    return [str(names[k]) for k in order if counts[k] >= LEAST_SHARE * len(pixels)] or [str(names[order[0]])]


def name_colours(pixels: NDArray[np.floating[Any]]) -> NDArray[np.str_]:
    """One of `COLOURS` for each pixel (n, 3): by hue, or by brightness where there is little of it."""
    high, low = pixels.max(1), pixels.min(1)
    spread = high - low
    hue = _hue(pixels, high, spread)
    ends, names = zip(*HUES, strict=True)
    named = np.array(names)[np.searchsorted(ends, hue, side="right")]
    warm = (named == "orange") | (named == "red") | (named == "yellow")
    named = np.where(warm & (high < 0.65) & (high >= 0.2) & (hue > 8), "brown", named)
    pale = spread < 0.15 * np.maximum(high, 0.3)
    grey = np.where(high > 0.85, "white", np.where(high < 0.25, "black", "grey"))
    return np.where(pale | (high < 0.15), grey, named).astype(np.str_)


def _hue(pixels: NDArray[np.floating[Any]], high: NDArray[Any], spread: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """Degrees from 0 to 360, red at both ends."""
    red, green, blue = pixels.T
    safe = np.where(spread > 0, spread, 1)
    sixth = np.where(
        high == red, (green - blue) / safe, np.where(high == green, 2 + (blue - red) / safe, 4 + (red - green) / safe)
    )
    return (60 * sixth) % 360


def size_and_shape(thing: NDArray[np.bool_]) -> str:
    """Of a mask (h, w): how much of the picture its frame takes, and what it is like in there."""
    rows, columns = (np.flatnonzero(thing.any(axis)) for axis in (1, 0))
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    size = next(name for most, name in SIZES if height * width / thing.size <= most)
    filled = thing.sum() / (height * width)
    if height > 1.4 * width or width > 1.4 * height:
        return f"{size} {'tall' if height > width else 'wide'}"
    return f"{size} {'square' if filled > 0.88 else 'round' if filled > 0.66 else 'irregular'}"


def place(thing: NDArray[np.bool_]) -> str:
    """Where the middle of a mask (h, w) lies, where it is more than a tenth off the picture's."""
    offsets = [float(np.mean(where) + 0.5) / size - 0.5 for where, size in zip(np.nonzero(thing), thing.shape, strict=True)]
    axis = int(np.argmax(np.abs(offsets)))
    if abs(offsets[axis]) <= 0.1:
        return "middle"
    return (("top", "bottom"), ("left", "right"))[axis][int(offsets[axis] > 0)]


def _symmetric(colour: NDArray[np.floating[Any]]) -> bool:
    return bool(np.abs(colour - colour[:, ::-1]).mean() < 0.06)


def _coloured(picture: NDArray[np.float32]) -> NDArray[np.floating[Any]]:
    """(h, w, 3) in [0, 1]; grey repeated, alpha left out."""
    shown = picture[:3] if len(picture) > 2 else np.repeat(picture[:1], 3, 0)
    return (shown.transpose(1, 2, 0).clip(-1, 1) + 1) / 2


def _background(colour: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    edge = np.concatenate([colour[0], colour[-1], colour[:, 0], colour[:, -1]])
    return np.median(edge, axis=0)
