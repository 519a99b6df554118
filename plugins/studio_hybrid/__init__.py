"""Hybrids: methods that join two families."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.diffusion_gan import DIFFUSION_GAN


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (DIFFUSION_GAN,)
