"""Hybrids: methods that join two families."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.diffusion_gan import DIFFUSION_GAN
from .cards.vq_gan import VQ_GAN
from .cards.vq_vae import VQ_VAE


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (DIFFUSION_GAN, VQ_VAE, VQ_GAN)
