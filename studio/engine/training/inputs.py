"""The trained models that a request names for a method's slots: runs, because to learn from a model takes its weights."""

from pathlib import Path

from studio.api.card import GeneratorCard, Slot
from studio.api.errors import StudioError
from studio.api.space import Signature
from studio.engine.plugins.registry import Registry
from studio.engine.runs.folder import RunFolder, find, names
from studio.engine.runs.request import TrainRequest

RUN = "run:"


def with_inputs(request: TrainRequest, registry: Registry, store: Path) -> TrainRequest:
    """The request with "run:ID" for each input, however the run was named.

    Raises:
        StudioError: the method has no such slot, or the run is not there, provides something else or has no weights yet.
    """
    card = registry.method(request.method)
    slots = {slot.name: slot for slot in card.inputs}
    if unknown := sorted(set(request.inputs) - set(slots)):
        raise StudioError(f"{card.title} has no input '{unknown[0]}'; it has: {', '.join(slots) or 'none'}.")
    found = {name: _run(slots[name], reference, registry, store) for name, reference in request.inputs.items()}
    return request.model_copy(update={"inputs": {name: f"{RUN}{folder.id}" for name, folder in found.items()}})


def _run(slot: Slot, reference: str, registry: Registry, store: Path) -> RunFolder:
    try:
        folder = find(store, reference.removeprefix(RUN))
    except StudioError:
        raise StudioError(
            f"'{reference}' is no run of yours, which '{slot.name}' must be. {_able(slot, registry, store)}"
        ) from None
    method = registry.method(folder.record().request.method)
    if slot.provides not in method.provides:
        raise StudioError(
            f"{method.title} does not provide {slot.provides} for '{slot.name}'. {_able(slot, registry, store)}"
        )  # fmt: skip
    if folder.checkpoints.latest() is None:
        raise StudioError(f"The run '{folder.id}' has no checkpoint yet; train it first.")
    return folder


def _able(slot: Slot, registry: Registry, store: Path) -> str:
    methods = {id: card for id, card in registry.methods.items() if slot.provides in card.provides}
    runs = [
        name for name in sorted(names(store)) if (store / name / "request.json").is_file() and _method(store, name) in methods
    ]
    if runs:
        return f"There are: {', '.join(runs[:6])}."
    return f"Train {' or '.join(card.title for card in methods.values()) or 'one'} first."


def _method(store: Path, name: str) -> str:
    try:
        return RunFolder(store / name).record().request.method
    except StudioError:
        return ""


def fits(card: GeneratorCard, slot: Slot, provided: Signature, data: Signature) -> None:
    """Raise StudioError where a model of other data is given for a slot."""
    if (provided.space.kind, provided.space.shape) != (data.space.kind, data.space.shape):
        shapes = [f"{s.space.kind} {'x'.join(map(str, s.space.shape))}" for s in (provided, data)]
        raise StudioError(
            f"The {slot.name} of {card.title} was trained on {shapes[0]}, the data are {shapes[1]}; choose another."
        )
