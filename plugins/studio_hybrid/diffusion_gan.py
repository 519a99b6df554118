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
from studio.kit.networks.spaces import denoiser
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.schedules import broadcast
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.diffusion_gan import DiffusionGANParams
from .critic import TransitionCritic


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
        self.register_buffer("alpha_bar", alpha_bar(params.timesteps), persistent=False)
        self.alpha_bar: Tensor

    def stages(self) -> Sequence[Stage]:
        return (AdversarialDenoising(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Denoised(self)}

    def insights(self) -> Mapping[str, Insight]:
        return {"discriminator": surface(self.verdict, self.alpha_bar.device)}

    def verdict(self, places: Tensor) -> Tensor:
        """The discriminator's opinion of the last step to each place (n, 2) from where noise moves it on average, first class."""
        x = self.alpha_bar[1].sqrt() * places
        labels = torch.zeros(len(places), dtype=torch.int64, device=places.device) if self.classes else None
        return self.critic(places, x, self.time(torch.ones(len(places), device=places.device)), labels)

    def time(self, t: Tensor) -> Tensor:
        """Steps 1..timesteps as the networks' 0..1000."""
        return t * (1000 / self.timesteps)

    def coefficients(self, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of q(x_{t-1} | x_t, x_0) at steps t (n,): the factors of x_0 and x_t in its mean, and its deviation, (n,) each.

        Source: Ho et al., 2020, equations 6 and 7, https://arxiv.org/abs/2006.11239
        """
        bar, before = self.alpha_bar.index_select(0, t), self.alpha_bar.index_select(0, t - 1)
        alpha, rest = bar / before, (1 - before) / (1 - bar)
        return before.sqrt() * (1 - alpha) / (1 - bar), alpha.sqrt() * rest, (rest * (1 - alpha)).sqrt()

    def posterior(self, x0: Tensor, x: Tensor, t: Tensor, noise: Tensor) -> Tensor:
        """A draw of x_{t-1} given x_t and x_0, from noise like x; at step 1 it is x_0 itself."""
        of_x0, of_x, sigma = (broadcast(value, x) for value in self.coefficients(t))
        return of_x0 * x0 + of_x * x + sigma * noise


def alpha_bar(timesteps: int) -> Tensor:
    """Share of the variance left after each step, (timesteps + 1,), 1 at first: the variance-preserving SDE, beta 0.1 to 20.

    Source: Song et al., Score-Based Generative Modeling through Stochastic Differential Equations, 2020,
    https://arxiv.org/abs/2011.13456
    """
    t = torch.linspace(0, 1, timesteps + 1, dtype=torch.float64)
    return torch.exp(-0.5 * (20 - 0.1) * t**2 - 0.1 * t).float()


class Denoise(nn.Module):
    """x_t, latent (n, latent), time (n,) in 0..1000, labels -> x_0; the latent modulates every block after a small network."""

    def __init__(self, gan: DiffusionGAN, params: DiffusionGANParams) -> None:
        super().__init__()
        self.network = keep_classes(denoiser(gan.space, params.width, params.depth, gan.classes, params.patch))
        inner = cast(int, self.network.embedding)
        self.mapping = nn.Sequential(
            nn.Linear(params.latent, inner), nn.SiLU(), nn.Linear(inner, inner), nn.SiLU(), nn.Linear(inner, inner)
        )
        self.bounded = gan.space.kind == "image"

    def forward(self, x: Tensor, latent: Tensor, time: Tensor, labels: Tensor | None = None) -> Tensor:
        norm = latent.square().mean(1, keepdim=True).add(1e-8).sqrt()
        x0 = self.network(x, time, labels, self.mapping(latent / norm))
        return x0.tanh() if self.bounded else x0


class AdversarialDenoising(Stage):
    """One update of the discriminator and one of the generator, at a random step of the diffusion."""

    def __init__(self, gan: DiffusionGAN) -> None:
        self.gan = gan
        self.params = cast(DiffusionGANParams, gan.params)

    def setup(self, training: Training) -> State:
        def adam(network: nn.Module) -> torch.optim.Optimizer:
            return torch.optim.Adam(network.parameters(), lr=self.params.learning_rate, betas=(0.5, 0.9))

        return State(generator=adam(self.gan.generator), critic=adam(self.gan.critic))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        lr = self.params.learning_rate * (1 - 0.95 * training.fraction)
        critic_loss = self.critic_loss(batch, training)
        training.update(critic_loss, state.critic, lr=lr)
        self.gan.critic.requires_grad_(False)
        before, x, t = self.generated(batch)
        generator_loss = F.softplus(-self.judge(before, x, t, batch)).mean()
        training.update(generator_loss, state.generator, lr=lr)
        self.gan.critic.requires_grad_(True)
        self.gan.average.update(self.gan.generator)
        return {"critic_loss": critic_loss.detach(), "generator_loss": generator_loss.detach()}

    def critic_loss(self, batch: Batch, training: Training) -> Tensor:
        """Non-saturating loss on a real and a generated step, with R1 on the real one every few steps."""
        punish = training.stage_step % self.params.penalty_every == 0
        before, x, t = self.diffused(batch)
        before.requires_grad_(punish)
        on_real = self.judge(before, x, t, batch)
        with torch.no_grad():
            fake = self.generated(batch)
        loss = F.softplus(-on_real).mean() + F.softplus(self.judge(*fake, batch)).mean()
        if punish:
            (slope,) = torch.autograd.grad(on_real.sum(), before, create_graph=True)
            weight = 0.5 * self.params.penalty * self.params.penalty_left**training.fraction * self.params.penalty_every
            loss = loss + weight * slope.flatten(1).square().sum(1).mean()
        return loss

    def judge(self, before: Tensor, x: Tensor, t: Tensor, batch: Batch) -> Tensor:
        """The discriminator's verdict on steps from x_t to x_{t-1}, (n, 1)."""
        return self.gan.critic(before, x, self.gan.time(t), batch.labels)

    def diffused(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """x_{t-1}, x_t and t of the samples of a batch, each noised up to its own random step."""
        t = torch.randint(1, self.gan.timesteps + 1, (len(batch.x),), device=batch.x.device)
        bar, kept = (broadcast(self.gan.alpha_bar[k], batch.x) for k in (t, t - 1))
        before = kept.sqrt() * batch.x + (1 - kept).sqrt() * torch.randn_like(batch.x)
        ratio = bar / kept
        return before, ratio.sqrt() * before + (1 - ratio).sqrt() * torch.randn_like(batch.x), t

    def generated(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """The generator's x_{t-1} for the x_t of a batch noised anew, x_t and t."""
        _, x, t = self.diffused(batch)
        z = torch.randn(len(x), self.gan.latent, device=x.device)
        x0 = self.gan.generator(x, z, self.gan.time(t), batch.labels)
        return self.gan.posterior(x0, x, t, torch.randn_like(x)), x, t


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
        return {**carry, "x": self.gan.posterior(x0, x, t, drawn)}

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]
