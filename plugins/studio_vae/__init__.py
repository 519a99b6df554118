"""Variational autoencoders: a sample is encoded as a small Gaussian cloud and decoded again."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.vae import VAE


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (VAE,)
