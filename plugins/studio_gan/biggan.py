"""BigGAN: a large class-conditional GAN with truncated latents."""

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, Params, Signature, param
from studio.kit.any_class import latent_and_labels, noise_for
from studio.kit.ema import EMA
from studio.kit.generator import require, sample_port
from studio.kit.one_step import OneStep
from studio.kit.sampler import Given, Sampler
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .adversarial import GAN, Adversarial
from .biggan_networks import BigCritic, BigGenerator
from .cards.biggan import BigGANParams
from .regularisation import orthogonality_penalty, spectral_norm

DRAWS = 6
SETTLE_EVERY = 4


class BigGAN(GAN):
    """Residual networks under spectral norm, batch norm by class and part of the latent, a projection discriminator.

    Source: Brock et al., Large Scale GAN Training for High Fidelity Natural Image Synthesis, 2018,
    https://arxiv.org/abs/1809.11096
    """

    def __init__(self, signature: Signature, params: BigGANParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        require(signature.space, Image)
        space = cast(Image, signature.space)
        self.latent = params.latent
        self.generator = BigGenerator(space, params.latent, params.width, self.classes)
        self.critic = BigCritic(space, params.width, self.classes)
        for network in (self.generator, self.critic):
            _orthogonal(network)
        spectral_norm(self.generator)
        spectral_norm(self.critic, (nn.Conv2d, nn.Linear, nn.Embedding))
        self.average = StandingAverage(self.generator, params.ema)

    def stages(self) -> Sequence[Stage]:
        return (Hinge(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": TruncatedSample(self)}


def _orthogonal(network: nn.Module) -> None:
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.orthogonal_(module.weight)


class StandingAverage(EMA):
    """An averaged generator whose batch statistics are its own, not those of the network that it follows."""

    def statistics(self) -> list[Tensor]:
        """Running means, variances and counts."""
        norms = (module for module in self.network.modules() if isinstance(module, nn.BatchNorm2d))
        return [buffer for norm in norms for buffer in norm.buffers()]

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        kept = [buffer.clone() for buffer in self.statistics()]
        super().update(network)
        for buffer, own in zip(self.statistics(), kept, strict=True):
            buffer.copy_(own)

    @torch.no_grad()
    def settle(self, z: Tensor, labels: Tensor | None) -> None:
        """Let its statistics see one more batch."""
        for module in self.network.modules():
            module.training = isinstance(module, nn.BatchNorm2d)
        self.network(z, labels)
        self.network.train(self.training)


class Hinge(Adversarial):
    """The hinge loss, two steps of the discriminator for one of the generator, and weights kept near orthogonal."""

    betas = (0.0, 0.999)

    def __init__(self, gan: BigGAN) -> None:
        self.params = cast(BigGANParams, gan.params)
        self.generator_every = self.params.critic_steps
        self.average = cast(StandingAverage, gan.average)
        super().__init__(gan, self.params.learning_rate, self.params.critic_learning_rate)

    def critic_loss(self, real: Tensor, fake: Tensor, labels: Tensor | None, training: Training) -> tuple[Tensor, Tensor]:
        on_real, on_fake = self.gan.critic(torch.cat([real, fake]), _twice(labels)).split(len(real))
        return F.relu(1 - on_real).mean() + F.relu(1 + on_fake).mean(), (on_real - on_fake).mean()

    def generator_loss(self, real: Tensor, fake: Tensor, labels: Tensor | None, training: Training) -> Tensor:
        return self.params.orthogonal * orthogonality_penalty(self.gan.generator) - self.gan.critic(fake, labels).mean()

    def teach_generator(self, state: State, batch: Batch, training: Training) -> dict[str, Tensor]:
        values = super().teach_generator(state, batch, training)
        if training.stage_step % (SETTLE_EVERY * self.generator_every) == 0:
            self.average.settle(torch.randn(len(batch.x), self.gan.latent, device=batch.x.device), batch.labels)
        return values


def _twice(labels: Tensor | None) -> Tensor | None:
    return None if labels is None else torch.cat([labels, labels])


class Threshold(Params):
    """How unusual samples may be."""

    truncation: float = param(
        3.0, "Latents beyond this many deviations are drawn again: lower is more typical, less varied.", ge=0.02, le=4.0
    )


class TruncatedSample(OneStep):
    """One pass of the averaged generator from latents drawn again until they lie within the threshold."""

    Controls = Threshold

    def __init__(self, gan: BigGAN) -> None:
        super().__init__(sample_port(gan.space), gan.label_ports(), noise_for(DRAWS * gan.latent, gan.classes))
        self.average = gan.average
        self.classes, self.latent = gan.classes, gan.latent

    def make(self, noise: Tensor, given: Given) -> Tensor:
        draws, labels = latent_and_labels(noise, given, self.classes)
        return self.average(truncated(draws.unflatten(1, (DRAWS, self.latent)), given["truncation"]), labels)


def truncated(draws: Tensor, threshold: Tensor) -> Tensor:
    """The first of several draws (n, k, d) within the threshold, number by number: (n, d).

    Where all lie outside, the last is mapped evenly into the interval, as a narrowly truncated normal distribution is even.
    """
    z = threshold * torch.erf(draws[:, -1] / 2**0.5)
    for k in reversed(range(draws.shape[1])):
        z = torch.where(draws[:, k].abs() <= threshold, draws[:, k], z)
    return z
