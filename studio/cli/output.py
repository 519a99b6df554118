"""Samples as files, by the file's ending."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from studio.api.errors import StudioError
from studio.api.space import Audio, Space, Table
from studio.cli import sheets
from studio.cli.film import save_film
from studio.engine.render import render
from studio.engine.rendering import Rendering
from studio.engine.runs.atomic import write_atomically
from studio.engine.tables import as_csv
from studio.engine.wav import encode_wav

SCALE_TO = 96


def save(samples: NDArray[Any], space: Space, path: Path) -> None:
    """Write samples (n, *space.shape) as .png, .npz or .txt.

    Sounds also as .wav, one after the other, tables as .csv, pictures as a film: .gif, or .mp4 where PyAV is installed.
    """
    if path.suffix == ".npz":
        with path.open("wb") as file:
            np.savez_compressed(file, samples=samples)
    elif path.suffix == ".png":
        picture(render(samples, space, len(samples))).save(path)
    elif path.suffix == ".txt":
        texts = render(samples, space, len(samples)).texts or [" ".join(f"{x:.6g}" for x in row.ravel()) for row in samples]
        write_atomically(path, "\n\n".join(texts).encode())
    elif path.suffix in (".gif", ".mp4") and space.kind in ("image", "views"):
        save_film(render(samples, space, len(samples)), path)
    elif path.suffix == ".wav" and isinstance(space, Audio):
        write_atomically(path, encode_wav(samples, space.rate))
    elif path.suffix == ".csv" and isinstance(space, Table):
        write_atomically(path, as_csv(samples, space).encode())
    else:
        own = {"audio": ".wav, ", "table": ".csv, ", "image": ".gif, .mp4, ", "views": ".gif, .mp4, "}.get(space.kind, "")
        raise StudioError(f"Samples of {space.kind} can be saved as {own}.png, .npz or .txt, not as '{path.suffix or path}'.")


def suffix_for(space: Space) -> str:
    """The ending that suits samples of a space."""
    return {"tokens": ".txt", "audio": ".wav", "table": ".csv"}.get(space.kind, ".png")


def picture(rendering: Rendering) -> Image.Image:
    """Tiles in a near-square grid, points as a scatter plot, sounds with their spectrograms, the first rows of a table."""
    if rendering.kind == "pictures":
        return _grid(rendering)
    if rendering.kind == "points":
        return _scatter(rendering)
    if rendering.kind == "audio":
        return sheets.sounds(rendering)
    if rendering.kind == "table":
        return sheets.table(rendering)
    raise StudioError(f"{rendering.kind.capitalize()} cannot be drawn as a picture; save them as .npz or .txt.")


def _grid(rendering: Rendering, gap: int = 2) -> Image.Image:
    tiles = np.frombuffer(rendering.pixels, np.uint8).reshape(rendering.count, rendering.height, rendering.width, 4)
    across = math.ceil(math.sqrt(rendering.count))
    down = math.ceil(rendering.count / across)
    zoom = max(1, SCALE_TO // max(rendering.height, rendering.width))
    step_x, step_y = rendering.width * zoom + gap, rendering.height * zoom + gap
    sheet = Image.new("RGB", (across * step_x + gap, down * step_y + gap), "white")
    for k, tile in enumerate(tiles):
        enlarged = Image.fromarray(tile).resize((rendering.width * zoom, rendering.height * zoom), Image.Resampling.NEAREST)
        sheet.paste(enlarged, (gap + k % across * step_x, gap + k // across * step_y), enlarged)
    return sheet


def _scatter(rendering: Rendering, size: int = 512) -> Image.Image:
    sheet = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(sheet)
    x0, y0, x1, y1 = rendering.bounds
    span = max(x1 - x0, y1 - y0, 1e-9)
    for x, y in rendering.points:
        px, py = (x - x0) / span * size, size - (y - y0) / span * size
        draw.ellipse((px - 2, py - 2, px + 2, py + 2), fill="#2F62E0")
    return sheet
