"""Saved outputs and where they came from: pictures, texts and arrays in the user's folder."""

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from pydantic import JsonValue

from studio.api.errors import StudioError
from studio.engine.engine import PictureInfo
from studio.engine.graph.files import graph_of
from studio.engine.png import read_text
from studio.engine.runs.atomic import write_atomically

KEYWORD = "studio"
SUFFIXES = {".png", ".txt", ".npz", ".wav", ".csv"}
LARGEST = 64 * 2**20
MOST = 10_000


def save_output(folder: Path, name: str, suffix: str, data: bytes, lineage: Mapping[str, JsonValue]) -> Path:
    """Write `data` to a new file "name-0001.png" in `folder`; but for pictures, which hold it, the lineage goes beside it.

    Raises:
        StudioError: the folder cannot be written to.
    """
    path = _claim(folder, re.sub(r"[^\w.-]+", "-", name).strip(".-") or "sample", suffix)
    if suffix != ".png":
        write_atomically(_beside(path), json.dumps(lineage).encode())
    write_atomically(path, data)
    return path


def _claim(folder: Path, name: str, suffix: str) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, MOST):
            path = folder / f"{name[:80]}-{number:04d}{suffix}"
            try:
                path.touch(exist_ok=False)
            except FileExistsError:
                continue
            return path
    except OSError as error:
        raise StudioError(f"'{folder}' cannot be written to: {error.strerror}. Choose another folder.") from None
    raise StudioError(f"'{folder}' is full of files called '{name}'. Choose another name.")


def pictures(folder: Path) -> list[PictureInfo]:
    """Everything saved in `folder` and below, the newest first."""
    found = (_info(str(path), state.st_mtime_ns, state.st_size) for path, state in _files(folder))
    return sorted(found, key=lambda info: info.created, reverse=True)


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for place, _, names in os.walk(folder):
        for name in names:
            path = Path(place, name)
            if path.suffix in SUFFIXES and stat.S_ISREG((state := path.lstat()).st_mode) and state.st_size:
                yield path, state


@lru_cache(maxsize=MOST)
def _info(path: str, modified: int, size: int) -> PictureInfo:
    lineage = _lineage(Path(path)) if size <= LARGEST else {}
    models, seed = lineage.get("models"), lineage.get("seed")
    try:
        graph = graph_of(lineage["graph"]) if "graph" in lineage else None
    except StudioError:
        graph = None
    return PictureInfo(
        path=path, created=modified / 1e9, graph=graph, seed=seed if isinstance(seed, int) else None,
        models=tuple(str(model) for model in cast("list[Any]", models)) if isinstance(models, list) else (),
    )  # fmt: skip


def _lineage(path: Path) -> dict[str, Any]:
    try:
        text = read_text(path.read_bytes(), KEYWORD) if path.suffix == ".png" else _beside(path).read_text("utf-8")
        found: Any = json.loads(text or "{}")
    except (OSError, ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.json")
