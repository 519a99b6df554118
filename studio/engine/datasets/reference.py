"""From what a user calls a data set to the data: a card's id, a folder of pictures or sounds, a table or a text file."""

import difflib
import pkgutil
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from studio.api import Dataset, DatasetCard, StudioError
from studio.engine.datasets.captions import captioned
from studio.engine.datasets.folder import SIZE, SUFFIXES, load_folder
from studio.engine.datasets.regular_file import printable
from studio.engine.datasets.scene_file import holds_scene, load_scene
from studio.engine.datasets.sound_folder import LENGTH as SAMPLES
from studio.engine.datasets.sound_folder import SUFFIXES as SOUNDS
from studio.engine.datasets.sound_folder import holds_sounds, load_sounds
from studio.engine.datasets.table_file import SUFFIXES as TABLES
from studio.engine.datasets.table_file import load_table
from studio.engine.datasets.text_file import LENGTH, load_text


class Place(NamedTuple):
    """A path of the user's and the number behind its `@`: the side of a picture, the length of a sound or of a text."""

    path: Path
    number: int | None


def open_dataset(reference: str, registry_cards: Mapping[str, DatasetCard]) -> Dataset:
    """The data called `reference`.

    It is the id of a card, or a path. A path may end in `@N`: for a folder of pictures the side they are resized to
    ("~/cats@64", otherwise 32), for one of WAV files the samples of each ("~/birds@8000", otherwise 4096), for a text file the
    symbols in a window ("notes.txt@128", otherwise 64). A file that ends in .csv or .tsv is a table. A folder
    with a transforms.json (side 100 unless told) and a mesh in an .obj, .glb or .ply file (64) are scenes. Captions, or else the
    names of the classes, are the vocabulary of models that make pictures from words. Any text, also one of a card, may end in
    `@bpeN`: it is then read in N byte pairs and not in characters ("austen@bpe1024", "notes.txt@128@bpe1024").

    Raises:
        StudioError: no such card or path (close matches are named), or nothing in it can be used.

    Example:
        >>> from studio.engine.datasets.catalog import CARDS
        >>> open_dataset("digits", {card.id: card for card in CARDS}).train.shape
        (1497, 1, 8, 8)
    """
    plain, pairs = without_byte_pairs(reference)
    if pairs and reference not in registry_cards:
        from studio.engine.datasets.byte_pairs import paired

        return paired(open_dataset(plain, registry_cards), pairs)
    if reference in registry_cards:
        return captioned(_load(registry_cards[reference]))
    path, number = find(reference)
    if not _exists(path):
        raise StudioError(_unknown(reference, registry_cards))
    if holds_scene(path):
        return load_scene(path, number)
    if path.is_dir():
        return captioned(load_sounds(path, number or SAMPLES) if holds_sounds(path) else load_folder(path, number or SIZE))
    if path.suffix.lower() in TABLES:
        return load_table(path)
    for thing, suffixes in {"picture": SUFFIXES, "sound": SOUNDS}.items():
        if path.suffix.lower() in suffixes:
            raise StudioError(f"{printable(path)} is a single {thing}. Give the folder that holds your {thing}s.")
    return load_text(path, number or LENGTH)


def find(reference: str) -> Place:
    """The path that `reference` names and the number behind its `@`; a path that exists with the `@` is taken as it is."""
    plain, _ = without_byte_pairs(reference)
    whole = _path(plain)
    ending = re.fullmatch(r"(.+)@(\d{1,6})", plain, re.DOTALL)
    if ending is None or _exists(whole):
        return Place(whole, None)
    return Place(_path(ending[1]), int(ending[2]))


def without_byte_pairs(reference: str) -> tuple[str, int]:
    """A reference without its `@bpeN`, and N; 0 where it has none."""
    ending = re.search(r"@bpe(\d{1,6})(?=@|$)", reference)
    if ending is None or _exists(_path(reference)):
        return reference, 0
    return reference[: ending.start()] + reference[ending.end() :], int(ending[1])


def _path(text: str) -> Path:
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def _load(card: DatasetCard) -> Dataset:
    try:
        loader = pkgutil.resolve_name(card.loader)
    except (ImportError, AttributeError, ValueError) as error:
        raise StudioError(f"The data set '{card.id}' cannot be loaded: its plugin offers no {card.loader} ({error}).") from error
    return loader()


def _unknown(reference: str, cards: Mapping[str, DatasetCard]) -> str:
    close = difflib.get_close_matches(reference, cards, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(close)}?" if close else f"There are: {', '.join(cards)}; or give a path."
    return f"There is no data set, folder or file called '{reference}'. {hint}"
