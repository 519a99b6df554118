"""Results kept as files."""

import io
import json
import math
from pathlib import Path, PurePath
from typing import Annotated, Any

import numpy as np

from studio.api.errors import StudioError
from studio.api.node import NodeContext, node
from studio.api.params import param
from studio.api.space import Audio, Table, Tokens
from studio.api.values import Latents, Samples, TextValue
from studio.engine.nodes.panels import in_columns, panels
from studio.engine.pictures import KEYWORD, save_output
from studio.engine.png import encode_png
from studio.engine.render import render
from studio.engine.tables import as_csv
from studio.engine.wav import encode_wav


@node("save_image", "Save", category="output", outputs={"path": "text"}, pure=False)
def save_image(
    context: NodeContext,
    image: Annotated[Any, "any"],
    name: str = param("", "What the files are called; a number is added. Empty: as the samples."),
    folder: str = param("", "A folder within your pictures; empty: the pictures themselves.", basic=False),
) -> TextValue:
    """Keeps pictures as PNG, sounds as WAV, tables as CSV, words as text, the rest as numbers, with the graph that made them."""
    lineage = context.lineage
    suffix, data = _encoded(image, json.dumps(lineage))
    called = name or getattr(image, "title", "") or "sample"
    path = save_output(_within(context.folder, folder), called, suffix, data, lineage)
    context.note(f"Saved as {path.name}.")
    return TextValue(str(path))


def _encoded(value: Any, lineage: str) -> tuple[str, bytes]:
    if isinstance(value, TextValue):
        return ".txt", value.text.encode()
    if isinstance(value, Samples) and isinstance(value.space, Table):
        return ".csv", as_csv(value.array, value.space).encode()
    if isinstance(value, Samples) and isinstance(value.space, Audio):
        return ".wav", encode_wav(value.array, value.space.rate)
    if isinstance(value, Samples) and isinstance(value.space, Tokens):
        return ".txt", "\n\n".join(render(value.array, value.space, len(value.array)).texts).encode()
    if isinstance(value, Samples) and value.space.kind in ("image", "views"):
        pictures = panels(value)
        pixels = in_columns(pictures, math.ceil(math.sqrt(len(pictures))))
        return ".png", encode_png(pixels, {KEYWORD: lineage})
    if isinstance(value, Samples | Latents):
        return ".npz", _numbers(value)
    raise StudioError("This cannot be saved. Link samples, a picture or a text.")


def _numbers(value: Samples | Latents) -> bytes:
    arrays: dict[str, Any] = {"samples" if isinstance(value, Samples) else "latents": value.array}
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def _within(root: Path, folder: str) -> Path:
    parts = PurePath(folder)
    if parts.is_absolute() or ".." in parts.parts or ":" in folder or "\\" in folder:
        raise StudioError(f"'{folder}' is outside your pictures. Name a folder within them, or leave it empty.")
    return root / parts
