"""R3GAN: relativistic pairing with both gradient penalties, and networks without normalisation."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, Signature
from studio.kit.ema import EMA
from studio.kit.networks.spaces import Encoder
from studio.kit.stage import Stage
from studio.kit.training import Training

from .adversarial import GAN, Adversarial
from .cards.r3gan import R3GANParams
from .networks import SampleDecoder
from .regularisation import gradient_penalty
from .resnext import ResNeXtCritic, ResNeXtGenerator


class R3GAN(GAN):
    """The minimal modern GAN: residual networks without normalisation, one loss, no tricks.

    Source: Huang et al., The GAN is dead; long live the GAN! A Modern GAN Baseline, 2025, https://arxiv.org/abs/2501.05441
    """

    def __init__(self, signature: Signature, params: R3GANParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        space, width, depth = signature.space, params.width, params.depth
        self.latent = params.latent
        if isinstance(space, Image):
            self.generator = ResNeXtGenerator(space, params.latent, width, depth, self.classes)
            self.critic = ResNeXtCritic(space, width, depth, self.classes)
        else:
            waves = tuple(2.0**octave for octave in range(params.octaves))
            self.generator = SampleDecoder(space, params.latent, width, depth, self.classes, waves)
            self.critic = Encoder(space, 1, width, depth, self.classes, waves)
        self.average = EMA(self.generator, params.ema)

    def stages(self) -> Sequence[Stage]:
        return (Relativistic(self),)


class Relativistic(Adversarial):
    """Real and generated samples are judged in pairs; learning rate and penalty fall along a cosine.

    Source of the pairing: Jolicoeur-Martineau, 2018, https://arxiv.org/abs/1807.00734
    """

    def __init__(self, gan: R3GAN) -> None:
        self.params = cast(R3GANParams, gan.params)
        super().__init__(gan, self.params.learning_rate)

    def critic_loss(self, real: Tensor, fake: Tensor, labels: Tensor | None, training: Training) -> tuple[Tensor, Tensor]:
        every = self.params.penalty_every
        punish = training.stage_step % every == 0
        real, fake = real.requires_grad_(punish), fake.requires_grad_(punish)
        on_real, on_fake = self.gan.critic(real, labels), self.gan.critic(fake, labels)
        loss = F.softplus(on_fake - on_real).mean()
        if punish:
            penalties = gradient_penalty(on_real, real) + gradient_penalty(on_fake, fake)
            loss = loss + 0.5 * every * self.penalty(training) * penalties
        return loss, (on_real - on_fake).mean()

    def generator_loss(self, real: Tensor, fake: Tensor, labels: Tensor | None, training: Training) -> Tensor:
        return F.softplus(self.gan.critic(real.detach(), labels) - self.gan.critic(fake, labels)).mean()

    def penalty(self, training: Training) -> float:
        """The weight of R1 and R2 at this step."""
        start, end = self.params.penalty, self.params.penalty_end
        return end * (start / end) ** falling(training)

    def fade(self, training: Training) -> float:
        return self.params.rate_end + (1 - self.params.rate_end) * falling(training)


def falling(training: Training) -> float:
    """From 1 to 0 along half a cosine."""
    return 0.5 * (1 + math.cos(math.pi * training.fraction))
