"""Denoising diffusion GAN: diffusion in four steps, each drawn by a conditional GAN."""

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Noise, Plan, Signature
from studio.kit.any_class import latent_and_labels, noise_for
from studio.kit.ema import EMA
from studio.kit.generator import Generator, sample_port
from studio.kit.insight import Insight, surface
from studio.kit.networks.embedding import keep_classes
from studio.kit.networks.mlp import PointDenoiser
from studio.kit.networks.spaces import denoiser
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.diffusion_gan import DiffusionGANParams
from .critic import TransitionCritic
from .transition import Transition, Transitions


class DiffusionGAN(Generator):
    """A generator of x_0 from x_t and a latent vector, and a discriminator of the step that follows from it.

    Source: Xiao et al., Tackling the Generative Learning Trilemma with Denoising Diffusion GANs, 2021,
    https://arxiv.org/abs/2112.07804
    """

    def __init__(self, signature: Signature, params: DiffusionGANParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        self.latent = params.latent
        self.timesteps = params.timesteps
        self.generator = Denoise(self, params)
        self.critic = TransitionCritic(signature.space, params.width, params.depth, self.classes)
        self.average = EMA(self.generator, params.ema)
        self.transitions = Transitions(params.timesteps, params.spacing)

    def stages(self) -> Sequence[Stage]:
        return (AdversarialDenoising(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Denoised(self)}

    def insights(self) -> Mapping[str, Insight]:
        return {"discriminator": surface(self.verdict, self.transitions.alpha_bar.device)}

    def verdict(self, places: Tensor) -> Tensor:
        """The discriminator's opinion of the last step to each place (n, 2) from where noise moves it on average, first class."""
        x = self.transitions.alpha_bar[1].sqrt() * places
        labels = torch.zeros(len(places), dtype=torch.int64, device=places.device) if self.classes else None
        return self.critic(places, x, self.time(torch.ones(len(places), device=places.device)), labels)

    def time(self, t: Tensor) -> Tensor:
        """Steps 1..timesteps as the networks' 0..1000."""
        return t * (1000 / self.timesteps)


class Denoise(nn.Module):
    """x_t, latent (n, latent), time (n,) in 0..1000, labels -> x_0; the latent modulates every block after a small network."""

    def __init__(self, gan: DiffusionGAN, params: DiffusionGANParams) -> None:
        super().__init__()
        self.network = keep_classes(_network(gan, params))
        inner = cast(int, self.network.embedding)
        self.mapping = nn.Sequential(
            nn.Linear(params.latent, inner), nn.SiLU(), nn.Linear(inner, inner), nn.SiLU(), nn.Linear(inner, inner)
        )
        self.bounded = gan.space.kind == "image"

    def forward(self, x: Tensor, latent: Tensor, time: Tensor, labels: Tensor | None = None) -> Tensor:
        norm = latent.square().mean(1, keepdim=True).add(1e-8).sqrt()
        x0 = self.network(x, time, labels, self.mapping(latent / norm))
        return x0.tanh() if self.bounded else x0


def _network(gan: DiffusionGAN, params: DiffusionGANParams) -> nn.Module:
    if gan.space.kind == "image":
        return denoiser(gan.space, params.width, params.depth, gan.classes, params.patch)
    waves = tuple(2.0**octave for octave in range(params.octaves))
    return PointDenoiser(gan.space.shape[0], params.width, params.depth, gan.classes, waves)


class AdversarialDenoising(Stage):
    """One update of the discriminator and one of the generator, at a random step of the diffusion.

    The paper's loss is the non-saturating one with R1. The relativistic one is not the paper's: it judges the real and the
    generated x_{t-1} of one x_t as a pair, with R1 and R2.

    Source of the pairs and their penalties: Huang et al., The GAN is dead; long live the GAN! A Modern GAN Baseline, 2024,
    https://arxiv.org/abs/2501.05441
    """

    def __init__(self, gan: DiffusionGAN) -> None:
        self.gan = gan
        self.params = cast(DiffusionGANParams, gan.params)
        self.relativistic = self.params.loss == "relativistic"

    def setup(self, training: Training) -> State:
        def adam(network: nn.Module) -> torch.optim.Optimizer:
            return torch.optim.Adam(network.parameters(), lr=self.params.learning_rate, betas=(0.5, 0.9))

        return State(generator=adam(self.gan.generator), critic=adam(self.gan.critic))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        lr = self.params.learning_rate * (1 - 0.95 * training.fraction)
        critic_loss = self.critic_loss(self.gan.transitions.diffused(batch.x), batch.labels, training)
        training.update(critic_loss, state.critic, lr=lr)
        self.gan.critic.requires_grad_(False)
        generator_loss = self.generator_loss(self.gan.transitions.diffused(batch.x), batch.labels)
        training.update(generator_loss, state.generator, lr=lr)
        self.gan.critic.requires_grad_(True)
        self.gan.average.update(self.gan.generator)
        return {"critic_loss": critic_loss.detach(), "generator_loss": generator_loss.detach()}

    def critic_loss(self, real: Transition, labels: Tensor | None, training: Training) -> Tensor:
        """The discriminator's loss on real steps and generated ones from the same x_t, with its penalties every few steps."""
        punish = training.stage_step % self.params.penalty_every == 0
        with torch.no_grad():
            fake = self.generated(real, labels)
        real.before.requires_grad_(punish)
        fake.before.requires_grad_(punish and self.relativistic)
        on_real, on_fake = self.judge(real, labels), self.judge(fake, labels)
        if self.relativistic:
            loss = F.softplus(on_fake - on_real).mean()
        else:
            loss = F.softplus(-on_real).mean() + F.softplus(on_fake).mean()
        if punish:
            loss = loss + 0.5 * self.params.penalty_every * self.penalty(training) * steepness(on_real, real.before)
        if punish and self.relativistic:
            loss = loss + 0.5 * self.params.penalty_every * self.penalty(training) * steepness(on_fake, fake.before)
        return loss

    def generator_loss(self, real: Transition, labels: Tensor | None) -> Tensor:
        """The generator's loss on steps it makes from the x_t of real ones."""
        on_fake = self.judge(self.generated(real, labels), labels)
        return F.softplus(self.judge(real, labels) - on_fake if self.relativistic else -on_fake).mean()

    def penalty(self, training: Training) -> float:
        """The weight of R1, and of R2, at this step."""
        return self.params.penalty * self.params.penalty_left**training.fraction

    def judge(self, step: Transition, labels: Tensor | None) -> Tensor:
        """The discriminator's verdict on steps from x_t to x_{t-1}, (n, 1)."""
        return self.gan.critic(step.before, step.x, self.gan.time(step.t), labels)

    def generated(self, real: Transition, labels: Tensor | None) -> Transition:
        """Steps of the generator from the x_t of real ones."""
        x, t = real.x, real.t
        z = torch.randn(len(x), self.gan.latent, device=x.device)
        x0 = self.gan.generator(x, z, self.gan.time(t), labels)
        return Transition(self.gan.transitions.posterior(x0, x, t, torch.randn_like(x)), x, t)


def steepness(verdicts: Tensor, before: Tensor) -> Tensor:
    """Mean squared norm of the slope of verdicts (n, 1) by the x_{t-1} they are of: R1 of real steps, R2 of generated ones."""
    (slope,) = torch.autograd.grad(verdicts.sum(), before, create_graph=True)
    return slope.flatten(1).square().sum(1).mean()


class Denoised(Sampler):
    """The averaged generator proposes x_0, and x_{t-1} is drawn around it; where no class is asked for, each sample draws one.

    The noise of a step is flat: first that of the draw, then the latent vector.
    """

    def __init__(self, gan: DiffusionGAN) -> None:
        self.gan = gan
        self.size = gan.space.shape
        numbers = torch.Size(self.size).numel()
        self.plan = Plan(
            steps=gan.timesteps, initial=noise_for(numbers, gan.classes), each=Noise(shape=(numbers + gan.latent,))
        )  # fmt: skip
        self.inputs = gan.label_ports()
        self.output = sample_port(gan.space)

    def init(self, noise: Tensor, given: Given) -> Carry:
        x, labels = latent_and_labels(noise, given, self.gan.classes)
        carry = {"x": x.unflatten(1, self.size)}
        return carry if labels is None else {**carry, "label": labels}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        x, t = carry["x"], (self.gan.timesteps - i).reshape(1)
        latent = noise[:, -self.gan.latent :]
        x0 = self.gan.average(x, latent, self.gan.time(t.float()).expand(x.shape[0]), carry.get("label"))
        drawn = noise[:, : -self.gan.latent].unflatten(1, self.size)
        return {**carry, "x": self.gan.transitions.posterior(x0, x, t, drawn)}

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]
