"""One picture file of unknown origin: checked before it is decoded, then made a small square of colour."""

import io
import struct
import warnings
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from studio.engine.datasets.regular_file import Unfit, read_regular_file

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM")
LARGEST_FILE = 64 * 2**20
MOST_PIXELS = 64_000_000
UNREADABLE = (
    OSError, ValueError, SyntaxError, EOFError, TypeError, LookupError, ArithmeticError, AttributeError, MemoryError,
    RuntimeError, struct.error, zlib.error, Image.DecompressionBombError, Warning,
)  # fmt: skip
"""What Pillow is known to raise on files that are broken on purpose or by accident."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip
"""EXIF orientation -> what sets the picture upright."""


class Picture(NamedTuple):
    """A decoded picture, (size, size, 3) bytes, what the user should know of how it was read, and its own width and height."""

    pixels: NDArray[np.uint8]
    note: str = ""
    shape: tuple[int, int] = (0, 0)


def read_picture(path: Path, size: int) -> Picture:
    """The picture with its short side scaled to `size` and its centre cropped to a square; `Unfit` where it is none.

    The content decides the format, not the name. 16-bit and floating point greys are scaled, not clipped; CMYK and palettes
    become RGB; transparent parts become white; of an animation the first frame is used; EXIF orientation is applied.
    """
    data = read_regular_file(path, LARGEST_FILE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _decode(data, size)
    except UnidentifiedImageError:
        raise Unfit(f"it is not a picture of a known format ({', '.join(FORMATS)})") from None
    except Image.DecompressionBombError:
        raise Unfit(f"it has more than {MOST_PIXELS // 10**6} million pixels") from None
    except UNREADABLE as error:
        raise Unfit(f"it is broken ({error or type(error).__name__})") from None


def _decode(data: bytes, size: int) -> Picture:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        animated = getattr(image, "is_animated", False)
        shape = image.size
        turn = TURNS.get(image.getexif().get(0x0112, 1))
        image.draft("RGB", (2 * size, 2 * size))
        square = ImageOps.fit(_eight_bit(image), (size, size), Image.Resampling.LANCZOS)
    upright = square if turn is None else square.transpose(turn)
    return Picture(np.asarray(_on_white(upright)), "used, but only its first frame" if animated else "", shape)


def _eight_bit(image: Image.Image) -> Image.Image:
    """The picture as L, RGB or RGBA."""
    if image.mode == "F" or image.mode.startswith("I"):
        return Image.fromarray(_scaled(np.asarray(image, np.float64)))
    if image.has_transparency_data:
        return image.convert("RGBA")
    return image if image.mode == "L" else image.convert("RGB")


def _scaled(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Greys of unknown depth as bytes: by the smallest usual range that holds them, else from darkest to brightest."""
    values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    usual = [top for top in (1.0, 255.0, 65535.0) if low >= 0 and high <= top]
    bottom, top = (0.0, usual[0]) if usual else (low, high)
    return np.rint((values - bottom) * (255 / (top - bottom))).astype(np.uint8)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image.convert("RGB")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
