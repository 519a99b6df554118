"""Variational autoencoders: a sample is encoded as a small Gaussian cloud and decoded again."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.beta_vae import BETA_VAE
from .cards.iwae import IWAE
from .cards.kl_autoencoder import KL_AUTOENCODER
from .cards.vae import VAE


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (VAE, BETA_VAE, IWAE, KL_AUTOENCODER)
