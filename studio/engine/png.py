"""PNG files that say where they come from: written plainly, and read within bounds, whoever wrote them."""

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_CHUNKS = 4096
LARGEST_TEXT = 4 * 2**20


def encode_png(pixels: NDArray[np.uint8], texts: dict[str, str]) -> bytes:
    """RGBA pixels (height, width, 4) as a PNG file with `texts` in it, by keyword."""
    height, width, _ = pixels.shape
    lines = np.zeros((height, 1 + 4 * width), np.uint8)
    lines[:, 1:] = pixels.reshape(height, 4 * width)
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    words = [_chunk(b"iTXt", _itxt(keyword, text)) for keyword, text in texts.items()]
    return b"".join(
        (SIGNATURE, _chunk(b"IHDR", head), *words, _chunk(b"IDAT", zlib.compress(lines.tobytes(), 6)), _chunk(b"IEND", b""))
    )


def read_text(data: bytes, keyword: str) -> str | None:
    """The text called `keyword` in a PNG file, None where there is none, or it is too large or broken."""
    if not data.startswith(SIGNATURE):
        return None
    start = keyword.encode("latin-1") + b"\0"
    return next((_text(body[len(start) :]) for kind, body in _chunks(data) if kind == b"iTXt" and body.startswith(start)), None)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _itxt(keyword: str, text: str) -> bytes:
    return keyword.encode("latin-1") + b"\0\1\0\0\0" + zlib.compress(text.encode())


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    for _ in range(MOST_CHUNKS):
        if place + 12 > len(data):
            return
        (length,) = struct.unpack_from(">I", data, place)
        yield data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        place += 12 + length


def _text(body: bytes) -> str | None:
    compressed, rest = body[:1] == b"\1", body[2:].split(b"\0", 2)[-1]
    try:
        unpacked = zlib.decompressobj().decompress(rest, LARGEST_TEXT + 1) if compressed else rest
        return unpacked.decode() if len(unpacked) <= LARGEST_TEXT else None
    except (zlib.error, UnicodeDecodeError):
        return None
