"""Taking in a stranger's model: copied into a private folder, looked at there, and opened once in a process that may die."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp

from studio.api.errors import StudioError
from studio.engine.models.card_file import read_card
from studio.engine.models.inspecting import LARGEST_CARD, inspect, read_regular
from studio.engine.models.names import CARD, WEIGHTS
from studio.engine.models.refusal import Refused

LARGEST = 2**34
LARGEST_GRAPH = 2**31 - 1
FILES = 256
SECONDS = 20.0


def import_model(path: Path, home: Path) -> Path:
    """Copy a bundle (a folder with a card.json) or a single ONNX file into `home`/models.

    Returns:
        The new folder.

    Raises:
        Refused: a rule is broken, or onnxruntime crashed, hung or refused when it opened a graph; nothing is left behind.
        StudioError: there is no model.
    """
    store = home / "models"
    store.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=".import-", dir=store))
    try:
        for file in _files(path):
            (draft / file.name).write_bytes(read_regular(file, _largest(file)))
        graphs = sorted(draft.glob("*.onnx"))
        for graph in graphs:
            inspect(graph)
        if (draft / CARD).exists():
            read_card(draft)
        for graph in graphs:
            try_opening(graph)
        final = free_folder(store, path.stem)
        draft.chmod(0o755)
        return draft.rename(final)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    if path.is_symlink():
        raise Refused("regular-file", path, "it is a link to a folder")
    files = [file for file in sorted(path.iterdir()) if file.suffix == ".onnx" or file.name in (CARD, WEIGHTS)]
    if len(files) > FILES:
        raise Refused("file-count", path, f"it has {len(files):,} files, more than {FILES}")
    if not any(file.name == CARD for file in files):
        raise StudioError(f"{path} holds no model: there is no {CARD} in it.")
    return files


def _largest(file: Path) -> int:
    return {CARD: LARGEST_CARD, WEIGHTS: LARGEST}.get(file.name, LARGEST_GRAPH)


def try_opening(graph: Path, seconds: float = SECONDS) -> None:
    """Open a graph with onnxruntime in a process of its own, with bounds on time and memory.

    Raises:
        Refused: it crashed ("opening-crashes"), took too long ("opening-hangs"), or onnxruntime refuses it ("opening-fails").
    """
    command = [sys.executable, "-m", "studio.engine.models.trial", str(graph)]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise Refused("opening-hangs", graph, f"onnxruntime had not opened it after {seconds:g} s") from None
    if tried.returncode == 1:
        raise Refused("opening-fails", graph, (tried.stdout.strip() or "onnxruntime refuses it").rstrip("."))
    if tried.returncode:
        raise Refused("opening-crashes", graph, f"onnxruntime crashed when it opened it (exit code {tried.returncode})")


def free_folder(store: Path, name: str) -> Path:
    """A folder in `store` that is not there yet, called as much like `name` as files may be."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:64] or "model"
    names = (plain if k == 1 else f"{plain}-{k}" for k in range(1, 10_000))
    return next(store / free for free in names if not (store / free).exists())
