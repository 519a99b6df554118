"""Looking at a model from elsewhere and taking it in: what the command line does here and the engine in a process of its own."""

import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import psutil

from studio.api.errors import StudioError
from studio.api.frozen import Frozen
from studio.api.importer import ImporterCard, ImportOptions
from studio.engine.intake import Reference, Sight
from studio.engine.models.card_file import read_card
from studio.engine.models.foreign import look, obstacles, recognise
from studio.engine.models.names import CARD
from studio.engine.plugins.discover import discover
from studio.engine.runs.atomic import write_atomically
from studio.engine.training.adoption import Adoption, Stage, adopt
from studio.engine.training.fetching import fetch
from studio.home import home

EXPORTED = "Exported by the studio"
Told = Callable[[Stage], None]


class Order(Frozen):
    """A model to be taken in, as it was seen.

    Attributes:
        place: an empty folder beside the models, for what is not finished.
    """

    sight: Sight
    title: str
    place: Path
    disabled: tuple[str, ...] = ()


class Taken(Frozen):
    """What was taken in: "model:NAME", and its largest difference from torch where that was measured."""

    model: str
    title: str
    difference: float | None = None


def see(reference: Reference, told: Told, disabled: Collection[str] = ()) -> Sight:
    """What a reference means, without loading it; it is fetched where it is on the hub.

    Raises:
        StudioError: it cannot be found or opened, and why.
    """
    importers = discover(disabled).importers
    folder, source = _find(reference, told, {CARD, *(card.mark for card in importers.values())})
    told(_stage("reading what it is"))
    if (folder / CARD).is_file():
        return _exported(folder)
    title = reference.name if reference.hub else folder.name
    return _foreign(folder, source, title, ImportOptions(context=reference.context), importers)


def reconsider(sight: Sight, context: int, disabled: Collection[str] = ()) -> Sight:
    """The same model with another context; StudioError where it cannot see so many tokens."""
    if sight.exported:
        return sight
    importers = discover(disabled).importers
    return _foreign(Path(sight.folder), sight.source, sight.title, ImportOptions(context=context), importers)


def take_in(order: Order, told: Told) -> Taken:
    """Take a model in; it appears among the models whole, or not at all.

    Raises:
        StudioError: it cannot be opened or exported.
    """
    store = home() / "models"
    made = _copy(order, told) if order.sight.exported else _adopt(order, store, told)
    card = read_card(made)
    final = made.rename(_free(store, order.title))
    return Taken(model=f"model:{final.name}", title=card.title, difference=max(card.parity.values(), default=None))


def _stage(text: str) -> Stage:
    return Stage(done=0, total=0, what=text)


def _find(reference: Reference, told: Told, marks: Collection[str]) -> tuple[Path, str]:
    """The folder that a reference means, fetched where it is on the hub, and where it comes from."""
    if reference.hub:
        folder, commit = fetch(reference, lambda text: told(_stage(text)))
        return folder, f"{reference.name}@{commit}"
    path = Path(reference.name).expanduser().resolve()
    if not path.exists():
        raise StudioError(f"There is no file or folder '{path}'.")
    folder = path if path.is_dir() else _folder_of(path, marks)
    return folder, str(folder)


def _folder_of(file: Path, marks: Collection[str]) -> Path:
    """The model's folder that a file is of: the one that it lies in, or the one around that, where parts have folders."""
    for folder in (file.parent.parent, file.parent):
        if any((folder / mark).is_file() for mark in marks):
            return folder
    raise StudioError(
        f"{file.name} alone cannot be opened: no file beside it says how samples are made, such as {CARD} of what the studio "
        "exported. Open the folder of a whole model, or the model that the file was exported from."
    )


def _foreign(
    folder: Path, source: str, title: str, options: ImportOptions, importers: Mapping[str, ImporterCard]
) -> Sight:  # fmt: skip
    card = recognise(folder, importers)
    outline = look(folder, card, options)
    context = outline.details.get("context")
    return Sight(
        folder=str(folder), source=source, title=title, family=card.family, opened_by=card.title,
        architecture=outline.architecture, weights=outline.weights, size=outline.size,
        memory_to_import=outline.memory_to_import, memory_to_run=outline.memory_to_run,
        memory_free=psutil.virtual_memory().available, disk_free=shutil.disk_usage(home()).free,
        obstacles=tuple(obstacles(outline, home())), context=context if isinstance(context, int) else 0,
    )  # fmt: skip


def _exported(folder: Path) -> Sight:
    card = read_card(folder)
    size, room = sum(file.stat().st_size for file in folder.iterdir() if file.is_file()), shutil.disk_usage(home()).free
    against = ("there is too little room on the disk",) if size > room else ()
    return Sight(
        folder=str(folder), source=str(folder), title=card.title, family=card.family, opened_by=EXPORTED,
        architecture=card.method, weights={"F32": card.parameters}, size=size, disk_free=room, obstacles=against, exported=True,
    )  # fmt: skip


def _adopt(order: Order, store: Path, told: Told) -> Path:
    folder, options = Path(order.sight.folder), ImportOptions(context=order.sight.context)
    outline = look(folder, recognise(folder, discover(order.disabled).importers), options)
    target = order.place / _free(store, order.title).name
    adoption = Adoption(
        folder=folder, outline=outline, options=options, title=order.title, source=order.sight.source, target=target,
        disabled=order.disabled,
    )  # fmt: skip
    adopt(adoption, told)
    return target


def _copy(order: Order, told: Told) -> Path:
    from studio.engine.models.importing import import_model

    told(_stage("copying it and opening each of its graphs once"))
    made = import_model(Path(order.sight.folder), order.place)
    card = read_card(made).model_copy(update={"title": order.title})
    write_atomically(made / CARD, card.model_dump_json().encode())
    return made


def _free(store: Path, title: str) -> Path:
    from studio.engine.models.importing import free_folder

    store.mkdir(parents=True, exist_ok=True)
    return free_folder(store, title)
