"""Generative adversarial networks: a generator learns to fool a discriminator."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.biggan import BIGGAN
from .cards.dcgan import DCGAN
from .cards.r3gan import R3GAN
from .cards.stylegan import STYLEGAN
from .cards.wgan_gp import WGAN_GP


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (DCGAN, WGAN_GP, R3GAN, STYLEGAN, BIGGAN)
