"""Pictures one after the other."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from studio.api.errors import StudioError
from studio.engine.rendering import Rendering

RATE = 12
SMALLEST = 256


def save_film(rendering: Rendering, path: Path) -> None:
    """Write the tiles of a rendering as the frames of a .gif or .mp4 file, 12 a second; a .gif begins again at its end.

    Raises:
        StudioError: an .mp4 file is asked for and PyAV is not installed.
    """
    tiles = np.frombuffer(rendering.pixels, np.uint8).reshape(rendering.count, rendering.height, rendering.width, 4)
    zoom = 2 * max(1, -(-SMALLEST // (2 * max(rendering.height, rendering.width))))
    frames = [
        _on_white(tile).resize((rendering.width * zoom, rendering.height * zoom), Image.Resampling.BICUBIC) for tile in tiles
    ]
    if path.suffix == ".mp4":
        _save_mp4(frames, path)
    else:
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=round(1000 / RATE), loop=0)


def _on_white(tile: Any) -> Image.Image:
    picture = Image.fromarray(tile)
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def _save_mp4(frames: list[Image.Image], path: Path) -> None:
    try:
        av: Any = import_module("av")
    except ImportError:
        raise StudioError("An .mp4 file needs PyAV, which is not installed (pip install av). Choose .gif.") from None
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = *frames[0].size, "yuv420p"
        for frame in frames:
            film.mux(stream.encode(av.VideoFrame.from_image(frame)))
        film.mux(stream.encode())
