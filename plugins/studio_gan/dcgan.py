"""DCGAN: a convolutional GAN with a modern, regularised loss."""

from collections.abc import Mapping, Sequence
from typing import cast

from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Signature
from studio.kit.ema import EMA
from studio.kit.networks.spaces import Encoder
from studio.kit.stage import Stage
from studio.kit.training import Training

from .adversarial import GAN, Adversarial
from .cards.dcgan import DCGANParams
from .networks import SampleDecoder
from .regularisation import gradient_penalty, spectral_norm


class DCGAN(GAN):
    """A generator and a discriminator, convolutional for pictures and perceptrons for points.

    Source: Radford et al., Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks,
    2015, https://arxiv.org/abs/1511.06434
    """

    def __init__(self, signature: Signature, params: DCGANParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        self.latent = params.latent
        self.generator = SampleDecoder(signature.space, params.latent, params.width, params.depth, self.classes)
        self.critic = Encoder(signature.space, 1, params.width, params.depth, self.classes)
        if params.loss == "hinge":
            spectral_norm(self.critic)
        self.average = EMA(self.generator, params.ema)

    def stages(self) -> Sequence[Stage]:
        return (NonSaturating(self),)


class NonSaturating(Adversarial):
    """The logistic loss with R1 and R2 every few steps, or the hinge loss."""

    def __init__(self, gan: DCGAN) -> None:
        self.params = cast(DCGANParams, gan.params)
        super().__init__(gan, self.params.learning_rate)

    def critic_loss(self, real: Tensor, fake: Tensor, labels: Tensor | None, training: Training) -> tuple[Tensor, Tensor]:
        punish = self.params.loss == "logistic" and training.stage_step % self.params.penalty_every == 0
        real, fake = real.requires_grad_(punish), fake.requires_grad_(punish)
        on_real, on_fake = self.gan.critic(real, labels), self.gan.critic(fake, labels)
        gap = (on_real - on_fake).mean()
        if self.params.loss == "hinge":
            return F.relu(1 - on_real).mean() + F.relu(1 + on_fake).mean(), gap
        loss = F.softplus(-on_real).mean() + F.softplus(on_fake).mean()
        if punish:
            weight = 0.5 * self.params.penalty * self.params.penalty_every
            loss = loss + weight * (gradient_penalty(on_real, real) + gradient_penalty(on_fake, fake))
        return loss, gap

    def generator_loss(self, real: Tensor, fake: Tensor, labels: Tensor | None, training: Training) -> Tensor:
        on_fake = self.gan.critic(fake, labels)
        return -on_fake.mean() if self.params.loss == "hinge" else F.softplus(-on_fake).mean()
