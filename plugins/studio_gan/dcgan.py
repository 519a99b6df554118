"""DCGAN: a convolutional GAN with a modern, regularised loss."""

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Params, Signature, param
from studio.kit.any_class import latent_and_labels, noise_for
from studio.kit.ema import EMA
from studio.kit.generator import Generator, Score, sample_port
from studio.kit.networks.spaces import Decoder, Encoder
from studio.kit.one_step import OneStep
from studio.kit.sampler import Given, Sampler
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.dcgan import DCGANParams


class DCGAN(Generator):
    """A generator and a discriminator, convolutional for pictures and perceptrons for points.

    Source: Radford et al., Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks,
    2015, https://arxiv.org/abs/1511.06434
    """

    def __init__(self, signature: Signature, params: DCGANParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        self.latent = params.latent
        self.generator = Decoder(signature.space, params.latent, params.width, params.depth, self.classes)
        self.critic = Encoder(signature.space, 1, params.width, params.depth, self.classes)
        if params.loss == "hinge":
            spectral_norm(self.critic)
        self.average = EMA(self.generator, params.ema)

    def stages(self) -> Sequence[Stage]:
        return (Adversarial(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Sample(self)}

    def scores(self) -> Mapping[str, Score]:
        return {}


def spectral_norm(network: nn.Module) -> None:
    """Bound each layer's largest singular value by one.

    Source: Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018, https://arxiv.org/abs/1802.05957
    """
    for module in list(network.modules()):
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.utils.parametrizations.spectral_norm(module)


class Adversarial(Stage):
    """One update of the discriminator, one of the generator."""

    def __init__(self, gan: DCGAN) -> None:
        self.gan = gan
        self.params = cast(DCGANParams, gan.params)

    def setup(self, training: Training) -> State:
        def adam(network: nn.Module) -> torch.optim.Optimizer:
            return torch.optim.Adam(network.parameters(), lr=self.params.learning_rate, betas=(0.0, 0.99))

        return State(generator=adam(self.gan.generator), critic=adam(self.gan.critic))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        z = torch.randn(len(batch.x), self.gan.latent, device=batch.x.device)
        critic_loss, gap = self.critic_loss(batch, self.gan.generator(z, batch.labels).detach(), training)
        training.update(critic_loss, state.critic)
        self.gan.critic.requires_grad_(False)
        generator_loss = self.generator_loss(self.gan.critic(self.gan.generator(z, batch.labels), batch.labels))
        training.update(generator_loss, state.generator)
        self.gan.critic.requires_grad_(True)
        self.gan.average.update(self.gan.generator)
        return {"critic_loss": critic_loss.detach(), "generator_loss": generator_loss.detach(), "gap": gap.detach()}

    def critic_loss(self, batch: Batch, fake: Tensor, training: Training) -> tuple[Tensor, Tensor]:
        """The discriminator's loss, and how far apart it holds real and generated samples."""
        punish = self.params.loss == "logistic" and training.stage_step % self.params.penalty_every == 0
        real = batch.x.requires_grad_(punish)
        fake = fake.requires_grad_(punish)
        on_real, on_fake = self.gan.critic(real, batch.labels), self.gan.critic(fake, batch.labels)
        gap = (on_real - on_fake).mean()
        if self.params.loss == "hinge":
            return F.relu(1 - on_real).mean() + F.relu(1 + on_fake).mean(), gap
        loss = F.softplus(-on_real).mean() + F.softplus(on_fake).mean()
        if punish:
            weight = 0.5 * self.params.penalty * self.params.penalty_every
            loss = loss + weight * (gradient_penalty(on_real, real) + gradient_penalty(on_fake, fake))
        return loss, gap

    def generator_loss(self, on_fake: Tensor) -> Tensor:
        """The non-saturating loss, or the hinge's linear one."""
        return -on_fake.mean() if self.params.loss == "hinge" else F.softplus(-on_fake).mean()


def gradient_penalty(scores: Tensor, x: Tensor) -> Tensor:
    """Mean squared norm of the gradient of scores (n, 1) by samples (n, ...): R1 on real samples, R2 on generated ones.

    Source: Mescheder et al., 2018, https://arxiv.org/abs/1801.04406
    """
    (gradient,) = torch.autograd.grad(scores.sum(), x, create_graph=True)
    return gradient.flatten(1).square().sum(1).mean()


class Truncation(Params):
    """How unusual samples may be."""

    truncation: float = param(
        1.0, "Below 1 pulls the latents to their centre: more typical, less varied samples.", ge=0.0, le=2.0
    )


class Sample(OneStep):
    """One pass of the averaged generator, for a class drawn for each sample where none is asked for.

    Source of truncation: Brock et al., BigGAN, 2018, https://arxiv.org/abs/1809.11096 (here the latents are scaled).
    """

    Controls = Truncation

    def __init__(self, gan: DCGAN) -> None:
        super().__init__(sample_port(gan.space), gan.label_ports(), noise_for(gan.latent, gan.classes))
        self.average = gan.average
        self.classes = gan.classes

    def make(self, noise: Tensor, given: Given) -> Tensor:
        latent, labels = latent_and_labels(noise, given, self.classes)
        return self.average(given["truncation"] * latent, labels)
