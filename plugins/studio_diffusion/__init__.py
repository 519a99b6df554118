"""Diffusion models: noise is added step by step, a network learns to take it away."""

from collections.abc import Sequence

from studio.api import GeneratorCard, ImporterCard, hookimpl

from .cards.ddpm import DDPM
from .cards.edm import EDM
from .cards.latent_diffusion import LATENT_DIFFUSION
from .cards.recaptioned import RECAPTIONED
from .cards.score_sde import SCORE_SDE
from .cards.stable_diffusion import STABLE_DIFFUSION


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (DDPM, EDM, SCORE_SDE, LATENT_DIFFUSION, RECAPTIONED)


@hookimpl
def studio_importers() -> Sequence[ImporterCard]:
    """Models of the family that were trained elsewhere."""
    return (STABLE_DIFFUSION,)
