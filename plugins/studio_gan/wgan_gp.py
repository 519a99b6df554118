"""WGAN-GP: the discriminator estimates a Wasserstein distance; a penalty keeps its slope at one."""

from collections.abc import Mapping, Sequence
from typing import cast

from torch import Tensor, nn

from studio.api import Signature
from studio.kit.ema import EMA
from studio.kit.networks.spaces import Encoder
from studio.kit.stage import Stage
from studio.kit.training import Training

from .adversarial import GAN, Adversarial
from .cards.wgan_gp import WGANGPParams
from .networks import SampleDecoder
from .regularisation import slope_penalty


class WGANGP(GAN):
    """The networks of DCGAN, taught by the Wasserstein distance; the critic has no normalisation across the batch.

    Source: Gulrajani et al., Improved Training of Wasserstein GANs, 2017, https://arxiv.org/abs/1704.00028
    """

    def __init__(self, signature: Signature, params: WGANGPParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        self.latent = params.latent
        self.generator = SampleDecoder(signature.space, params.latent, params.width, params.depth, self.classes)
        self.critic = Encoder(signature.space, 1, params.width, params.depth, self.classes)
        self.average = EMA(self.generator, params.ema)

    def stages(self) -> Sequence[Stage]:
        return (Wasserstein(self),)


class Wasserstein(Adversarial):
    """The dual form of the distance; "gap" is its estimate in the units of the data."""

    betas = (0.0, 0.9)

    def __init__(self, gan: WGANGP) -> None:
        self.params = cast(WGANGPParams, gan.params)
        self.generator_every = self.params.critic_steps
        super().__init__(gan, self.params.learning_rate)

    def critic_loss(self, real: Tensor, fake: Tensor, labels: Tensor | None, training: Training) -> tuple[Tensor, Tensor]:
        distance = (self.gan.critic(real, labels) - self.gan.critic(fake, labels)).mean()
        return self.params.penalty * slope_penalty(self.gan.critic, real, fake, labels) - distance, distance

    def generator_loss(self, real: Tensor, fake: Tensor, labels: Tensor | None, training: Training) -> Tensor:
        return -self.gan.critic(fake, labels).mean()
