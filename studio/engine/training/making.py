"""From a method's card to its generator for a space."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from studio.api.card import GeneratorCard
from studio.api.errors import StudioError
from studio.api.params import settle
from studio.api.space import Signature
from studio.engine.plugins.load import load
from studio.kit.generator import Generator
from studio.kit.sound import SoundGenerator


def make(
    card: GeneratorCard, signature: Signature, values: Mapping[str, Any], inputs: Mapping[str, nn.Module] | None = None
) -> Generator:
    """An untrained generator; of sounds a method that takes pictures sees the spectrograms.

    Args:
        values: parameters that differ from their defaults.
        inputs: trained models by slot name.

    Raises:
        StudioError: the method cannot model such data, or a value is outside its limits.
    """
    kind = signature.space.kind
    if kind not in card.kinds:
        raise StudioError(f"{card.title} models {' or '.join(card.kinds)}, not {kind}; choose other data.")
    params, implementation = card.params.model_validate(settle(card.parameters, values)), load(card.implementation)
    if kind == "audio" and "image" in card.accepts:
        return SoundGenerator(implementation, signature, params, inputs)
    return implementation(signature, params, dict(inputs or {}))
