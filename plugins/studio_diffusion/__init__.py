"""Diffusion models: noise is added step by step, a network learns to take it away."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.ddpm import DDPM


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (DDPM,)
