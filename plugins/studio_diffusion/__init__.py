"""Diffusion models: noise is added step by step, a network learns to take it away."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.ddpm import DDPM
from .cards.edm import EDM
from .cards.score_sde import SCORE_SDE


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (DDPM, EDM, SCORE_SDE)
