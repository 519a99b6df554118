"""Generative adversarial networks: a generator learns to fool a discriminator."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.dcgan import DCGAN


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (DCGAN,)
