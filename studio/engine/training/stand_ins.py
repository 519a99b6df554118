"""Models for the slots of a method under the laws: small, untrained, of methods that need no other model themselves."""

from studio.api.card import GeneratorCard, Slot
from studio.api.errors import StudioError
from studio.api.space import Signature
from studio.engine.plugins.discover import discover
from studio.engine.plugins.find import OWN, find
from studio.engine.training.making import make


def stand_ins(card: GeneratorCard, signature: Signature) -> dict[str, GeneratorCard]:
    """For each slot that must be filled, the method with the fewest weights that can: the studio's own, or of the same plugin.

    Raises:
        StudioError: no such method is installed.
    """
    return {slot.name: _cheapest(card, slot, signature) for slot in card.inputs if not slot.optional}


def _cheapest(card: GeneratorCard, slot: Slot, signature: Signature) -> GeneratorCard:
    trusted = {candidate.name for candidate in find() if candidate.distribution == OWN} | {card.plugin}
    able = [
        other
        for other in discover().methods.values()
        if slot.provides in other.provides and signature.space.kind in other.kinds and not other.inputs
        if other.plugin in trusted
    ]
    if not able:
        raise StudioError(f"No installed method for {signature.space.kind} provides {slot.provides} for '{slot.name}'.")
    return min(able, key=lambda other: sum(weight.numel() for weight in make(other, signature, {}).parameters()))
