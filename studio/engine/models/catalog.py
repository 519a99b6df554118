"""Which models there are, and which folder a name means."""

import difflib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from studio import home as places
from studio.api.errors import StudioError
from studio.engine.engine import ModelInfo
from studio.engine.models.card_file import read_card
from studio.engine.models.names import CARD

STARTER, RUN, MODEL = "starter", "run", "model"


def models(home: Path, resources: Path) -> list[ModelInfo]:
    """Starter models, then runs' and imported ones, the newest first; folders that cannot be read are left out."""
    return [info for kind, found in _folders(home, resources).items() for info in sorted(_infos(kind, found), key=_order)]


def resolve(reference: str, home: Path | None = None, resources: Path | None = None) -> Path:
    """The folder of "starter:NAME", "run:ID", "model:NAME", of a bare name of any of these, or of a path.

    Raises:
        StudioError: there is none; near matches are named.
    """
    known = _folders(home or places.home(), resources or places.resources())
    kind, colon, name = reference.partition(":")
    if colon and kind in known:
        if name in known[kind]:
            return known[kind][name]
        raise _unknown(reference, known)
    for found in known.values():
        if reference in found:
            return found[reference]
    path = Path(reference).expanduser()
    for folder in (path, path / "model", path.parent):
        if reference and (folder / CARD).is_file() and (path.exists()):
            return folder
    raise _unknown(reference, known)


def identity(reference: str) -> str:
    """A text that changes when the model's files do."""
    folder = resolve(reference)
    states = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in sorted(folder.iterdir())]
    return f"{folder} {states}"


def _folders(home: Path, resources: Path) -> dict[str, dict[str, Path]]:
    return {
        STARTER: {folder.name: folder for folder in _with_card(resources / "models", "")},
        RUN: {folder.parent.name: folder for folder in _with_card(home / "runs", "model")},
        MODEL: {folder.name: folder for folder in _with_card(home / "models", "")},
    }


def _with_card(store: Path, inner: str) -> Iterator[Path]:
    if store.is_dir():
        for folder in sorted(store.iterdir()):
            if not folder.name.startswith(".") and not folder.is_symlink() and (folder / inner / CARD).is_file():
                yield folder / inner


def _infos(kind: str, found: dict[str, Path]) -> Iterator[ModelInfo]:
    for name, folder in found.items():
        try:
            card = read_card(folder)
        except StudioError:
            continue
        size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
        yield ModelInfo(reference=f"{kind}:{name}", card=card, starter=kind == STARTER, size=size)


def _order(info: ModelInfo) -> tuple[bool, float, str]:
    return not info.starter, 0.0 if info.starter else -_age(info.card.created), info.reference


def _age(created: str) -> float:
    try:
        return datetime.fromisoformat(created).timestamp()
    except ValueError:
        return 0.0


def _unknown(reference: str, known: dict[str, dict[str, Path]]) -> StudioError:
    names = {name: f"{kind}:{name}" for kind, found in reversed(known.items()) for name in found}
    near = difflib.get_close_matches(reference.partition(":")[2] or reference, names, n=3, cutoff=0.4)
    there = ", ".join(names[name] for name in near) or ", ".join(list(names.values())[:6])
    hint = f"Did you mean {there}?" if near else f"There are: {there}." if there else "Train one first."
    return StudioError(f"There is no model '{reference}'. {hint}")
