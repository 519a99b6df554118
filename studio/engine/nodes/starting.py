"""The noise that a model starts from."""

import numpy as np

from studio.api.errors import StudioError
from studio.api.model import ModelCard
from studio.api.noise import NoiseStream
from studio.api.sampler import SamplerCard
from studio.api.values import Latents


def sampler_called(card: ModelCard, name: str) -> SamplerCard:
    """The sampler of that name; StudioError names those there are."""
    found = {sampler.name: sampler for sampler in card.samplers}
    if name not in found:
        raise StudioError(f"{card.title} has no sampler '{name}'; it has {', '.join(found) or 'none'}. Choose another one.")
    return found[name]


def main_sampler(card: ModelCard) -> SamplerCard:
    """The sampler "sample", or the first where there is none of that name."""
    return next((sampler for sampler in card.samplers if sampler.name == "sample"), None) or card.samplers[0]


def draw(card: ModelCard, seed: int, count: int) -> Latents:
    """The starting points of the model's main sampler: the same for the same seed, whatever `count` is."""
    initial = main_sampler(card).plan.initial
    array = NoiseStream(seed, count).draw(initial) if initial else np.empty((count, 0), np.float32)
    return Latents(array, seed)
