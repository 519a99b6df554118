"""Models that were trained elsewhere, before they are loaded: which plugin opens a folder, what it needs, whether it fits."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import psutil

from studio.api.errors import StudioError
from studio.api.importer import ImporterCard, ImportOptions, Outline
from studio.engine.plugins.importers import absent
from studio.engine.plugins.load import load

GIGABYTE = 1e9


def recognise(folder: Path, importers: Mapping[str, ImporterCard]) -> ImporterCard:
    """The first importer whose mark the folder bears.

    Raises:
        StudioError: none, a package that it needs is not installed, or there are graphs that it cannot open in place of
            weights.
    """
    for card in importers.values():
        if (folder / card.mark).is_file():
            if not holds_graphs(folder):
                _require(card)
            elif not card.graphs:
                raise StudioError(
                    f"{folder} holds graphs that were exported elsewhere, by Optimum perhaps. Of {card.title}, only weights can "
                    "be opened: take the model that it was exported from."
                )
            return card
    known = ", ".join(f"{card.mark} ({card.title})" for card in importers.values())
    raise StudioError(f"{folder} holds no model that can be opened: there is none of card.json (the studio's own), {known}.")


def holds_graphs(folder: Path) -> bool:
    """Whether there are graphs in place of weights."""
    return any(folder.rglob("*.onnx")) and not any(folder.rglob("*.safetensors"))


def _require(card: ImporterCard) -> None:
    if missing := " and ".join(absent(card)):
        raise StudioError(
            f"To open this, {missing} must be installed beside the studio: python -m pip install {' '.join(absent(card))}"
        )


def look(folder: Path, card: ImporterCard, options: ImportOptions) -> Outline:
    """What is in the folder, without loading it; StudioError where it cannot be opened, and why."""
    return load(card.outline)(folder, options)


def describe(outline: Outline) -> str:
    """Size and needs in words."""
    kinds = ", ".join(f"{count / 1e6:,.1f} million {kind}" for kind, count in outline.weights.items())
    return (
        f"{outline.architecture}: {kinds} weights. Memory: about {_gigabytes(outline.memory_to_import)} to import it, "
        f"{_gigabytes(outline.memory_to_run)} to run it; {_gigabytes(outline.size)} on the disk."
    )


def obstacles(outline: Outline, home: Path) -> list[str]:
    """What speaks against importing it here, in words."""
    free, room = psutil.virtual_memory().available, shutil.disk_usage(home).free
    found = list[str]()
    if outline.memory_to_import > free:
        found.append(f"importing needs about {_gigabytes(outline.memory_to_import)} of memory, and {_gigabytes(free)} are free")
    if outline.size > room:
        found.append(f"the model needs {_gigabytes(outline.size)} on the disk, and {_gigabytes(room)} are free")
    return found


def _gigabytes(size: float) -> str:
    return f"{size / GIGABYTE:.2f} GB" if size < 10 * GIGABYTE else f"{size / GIGABYTE:.0f} GB"
