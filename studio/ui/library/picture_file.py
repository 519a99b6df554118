"""A saved picture for the screen: only pixels are read, within bounds, whatever else the file holds."""

import os
import stat
import struct
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_FILE = 64 * 2**20
LONGEST_SIDE = 8192
MOST_CHUNKS = 4096
PIXEL_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")


def small_picture(path: Path, side: int) -> QImage:
    """The picture at most `side` pixels wide and high; null where the file is no picture that can be shown."""
    image = QImage.fromData(_pixels_only(_read(path)), "PNG")  # pyright: ignore[reportArgumentType]
    if image.isNull() or max(image.width(), image.height()) <= side:
        return image
    return image.scaled(QSize(side, side), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation)


def _read(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            return file.read() if stat.S_ISREG(found.st_mode) and found.st_size <= LARGEST_FILE else b""
    except OSError:
        return b""


def _pixels_only(data: bytes) -> bytes:
    """The file without texts and profiles, which may unpack to any size; empty where its pixels would."""
    if not data.startswith(SIGNATURE) or len(data) < len(SIGNATURE) + 25:
        return b""
    width, height = struct.unpack_from(">II", data, len(SIGNATURE) + 8)
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        return b""
    return SIGNATURE + b"".join(chunk for kind, chunk in _chunks(data) if kind in PIXEL_CHUNKS)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    for _ in range(MOST_CHUNKS):
        if place + 12 > len(data):
            return
        (length,) = struct.unpack_from(">I", data, place)
        yield data[place + 4 : place + 8], data[place : place + 12 + length]
        place += 12 + length
