"""What can be told to be wrong with a request before a trainer is started."""

from pathlib import Path

from studio.api.card import GeneratorCard
from studio.api.errors import StudioError
from studio.api.params import settle
from studio.engine.datasets.reference import find, without_byte_pairs
from studio.engine.plugins.discover import SWITCHED_OFF
from studio.engine.plugins.registry import Registry
from studio.engine.runs.request import TrainRequest


def check(request: TrainRequest, registry: Registry) -> TrainRequest:
    """The request with checked parameters and, where the data are a path, one that holds from any folder.

    Raises:
        StudioError: no such method or data, parameters outside their limits, data of a kind the method cannot model, no
            budget, or a needed model is not named.
    """
    card = registry.method(request.method)
    if request.budget.steps is None and request.budget.seconds is None:
        raise StudioError("The budget is empty: give a number of steps, or of seconds.")
    if missing := [slot for slot in card.inputs if not slot.optional and slot.name not in request.inputs]:
        slot = missing[0]
        raise StudioError(
            f"{card.title} needs a trained model for '{slot.name}' that provides {slot.provides}; "
            f"name a run of yours (--input {slot.name}=RUN)."
        )
    settled = settle(card.parameters, request.params)
    given = {name: settled[name] for name in request.params}
    return request.model_copy(update={"params": given, "dataset": _dataset(request.dataset, card, registry)})


def _dataset(reference: str, card: GeneratorCard, registry: Registry) -> str:
    known = registry.datasets.get(without_byte_pairs(reference)[0])
    if known is None:
        return _absolute(reference, registry)
    if known.kind not in card.kinds:
        raise StudioError(f"{card.title} models {' or '.join(card.kinds)}, not {known.kind}; choose other data.")
    return reference


def _absolute(reference: str, registry: Registry) -> str:
    place, (plain, pairs) = find(reference), without_byte_pairs(reference)
    if not place.path.exists():
        registry.dataset(plain)
    return str(place.path.resolve()) + (f"@{place.number}" if place.number else "") + (f"@bpe{pairs}" if pairs else "")


def title(request: TrainRequest, registry: Registry) -> str:
    """What a run is called where its user gave it no name."""
    plain, pairs = without_byte_pairs(request.dataset)
    data = registry.datasets[plain].title if plain in registry.datasets else Path(plain).name
    return request.title or f"{registry.method(request.method).title} on {data}" + (" in byte pairs" if pairs else "")


def provenance(request: TrainRequest, registry: Registry) -> tuple[str, str]:
    """The plugin whose method it is, and its version."""
    name = registry.method(request.method).plugin
    return name, next((plugin.version for plugin in registry.plugins if plugin.name == name), "")


def disabled(registry: Registry) -> tuple[str, ...]:
    """The plugins that the user switched off, which a trainer must not import either."""
    return tuple(plugin.name for plugin in registry.plugins if plugin.error == SWITCHED_OFF)
