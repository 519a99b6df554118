"""DDPM: denoising diffusion with ancestral and DDIM sampling and classifier-free guidance."""

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, Noise, Params, Plan, Signature, param
from studio.kit.ema import EMA
from studio.kit.generator import Generator, sample_port
from studio.kit.networks.spaces import denoiser
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.schedules import Prediction, alphas_cumprod, broadcast, split, target
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.ddpm import DDPMParams


class DDPM(Generator):
    """Denoising diffusion probabilistic models on points, table rows and pictures.

    Source: Ho et al., Denoising Diffusion Probabilistic Models, 2020, https://arxiv.org/abs/2006.11239
    """

    def __init__(self, signature: Signature, params: DDPMParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        self.network = denoiser(signature.space, params.width, params.depth, self.classes, params.patch)
        self.average = EMA(self.network, params.ema)
        self.register_buffer("alphas_cumprod", alphas_cumprod(params.schedule, params.timesteps), persistent=False)
        self.alphas_cumprod: Tensor

    def stages(self) -> Sequence[Stage]:
        return (Denoising(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": DDIM(self), "ancestral": Ancestral(self)}

    def time(self, t: Tensor) -> Tensor:
        """Timesteps as the network's 0..1000."""
        return t * (1000 / len(self.alphas_cumprod))


class Denoising(Stage):
    """The simplified loss: the squared error of the prediction at a random timestep."""

    def __init__(self, ddpm: DDPM) -> None:
        self.ddpm = ddpm
        self.params = cast(DDPMParams, ddpm.params)

    def setup(self, training: Training) -> State:
        return State(optimizer=torch.optim.AdamW(self.ddpm.network.parameters(), lr=self.params.learning_rate, weight_decay=0.0))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        loss = denoising_loss(self.ddpm, self.ddpm.network, batch)
        warm = min(1.0, (training.stage_step + 1) / 100)
        decay = 1.0 - 0.9 * max(0.0, training.fraction - 0.5) * 2
        training.update(loss, state.optimizer, clip=1.0, lr=self.params.learning_rate * warm * decay)
        self.ddpm.average.update(self.ddpm.network)
        return {"loss": loss.detach()}


def denoising_loss(ddpm: DDPM, network: nn.Module, batch: Batch) -> Tensor:
    """Mean squared error of the prediction for samples (n, ...) at one random timestep each."""
    prediction = cast(DDPMParams, ddpm.params).prediction
    t = torch.randint(len(ddpm.alphas_cumprod), (len(batch.x),), device=batch.x.device)
    bar = broadcast(ddpm.alphas_cumprod[t], batch.x)
    alpha, sigma = bar.sqrt(), (1 - bar).sqrt()
    noise = torch.randn_like(batch.x)
    output = network(alpha * batch.x + sigma * noise, ddpm.time(t), batch.labels)
    return F.mse_loss(output, target(prediction, batch.x, noise, alpha, sigma))


def controls(timesteps: int, default: int) -> type[Params]:
    """Sliders of a diffusion sampler with at most `timesteps` steps and `default` of them unless changed."""

    class Controls(Params):
        steps: int = param(
            min(default, timesteps), "Network evaluations; more is finer and slower.", ge=1, le=timesteps, logarithmic=True
        )
        guidance_scale: float = param(1.5, "How strongly a chosen class is enforced; 1 is no guidance.", ge=0.0, le=10.0)

    return Controls


def ddim_controls(timesteps: int) -> type[Params]:
    """Sliders of DDIM."""

    class Controls(controls(timesteps, 50)):
        eta: float = param(0.0, "Fresh noise at each step: 0 is deterministic, 1 as much as DDPM.", ge=0.0, le=1.0, basic=False)

    return Controls


class DDIM(Sampler):
    """From timestep to timestep along the predicted clean sample.

    Source: Song et al., Denoising Diffusion Implicit Models, 2020, https://arxiv.org/abs/2010.02502
    """

    quick = {"steps": 10}

    def __init__(self, ddpm: DDPM) -> None:
        self.ddpm = ddpm
        self.Controls: type[Params] = ddim_controls(len(ddpm.alphas_cumprod))
        self.prediction: Prediction = cast(DDPMParams, ddpm.params).prediction
        noise = Noise(shape=ddpm.space.shape)
        self.plan = Plan(steps="steps", initial=noise, each=noise)
        self.inputs = ddpm.label_ports()
        self.output = sample_port(ddpm.space)
        self.bounded = isinstance(ddpm.space, Image)

    def init(self, noise: Tensor, given: Given) -> Carry:
        return {"x": noise}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        t, before = self.timesteps(i, given["steps"])
        bar, bar_before = self.alpha_bar(t), self.alpha_bar(before)
        x0, epsilon = self.estimate(carry["x"], t, bar, given)
        onward, sigma = self.spread(bar, bar_before, given)
        return {"x": bar_before.sqrt() * x0 + onward * epsilon + sigma * noise}

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]

    def timesteps(self, i: Tensor, steps: Tensor) -> tuple[Tensor, Tensor]:
        """The timestep of step `i` and the one it leads to, evenly spread; -1 is the clean sample."""
        last = len(self.ddpm.alphas_cumprod)
        return (steps - i) * last // steps - 1, (steps - i - 1) * last // steps - 1

    def alpha_bar(self, t: Tensor) -> Tensor:
        """Alpha-bar at a timestep, (1,); 1 at -1."""
        value = self.ddpm.alphas_cumprod.index_select(0, t.clamp(min=0).reshape(1))
        return torch.where(t < 0, torch.ones_like(value), value)

    def eta(self, given: Given) -> Tensor:
        """The share of fresh noise, scalar."""
        return given["eta"]

    def spread(self, bar: Tensor, bar_before: Tensor, given: Given) -> tuple[Tensor, Tensor]:
        """Factors of the predicted noise and of fresh noise, (1,) each, without cancellation where alpha-bar is small."""
        part, ratio, rest = self.eta(given) ** 2, bar / bar_before, (1 - bar_before) / (1 - bar)
        onward = rest * ((1 - part) + part * ratio - bar)
        return onward.clamp(min=0).sqrt(), (part * rest * (1 - ratio)).clamp(min=0).sqrt()

    def estimate(self, x: Tensor, t: Tensor, bar: Tensor, given: Given) -> tuple[Tensor, Tensor]:
        """The guided estimates of the clean sample and of the noise."""
        output = self.guided(x, self.ddpm.time(t).float().expand(x.shape[0]), given)
        bar = broadcast(bar, x)
        alpha, sigma = bar.sqrt(), (1 - bar).sqrt()
        x0, epsilon = split(self.prediction, output, x, alpha, sigma)
        if self.bounded:
            x0 = x0.clamp(-1, 1)
            epsilon = (x - alpha * x0) / sigma
        return x0, epsilon

    def guided(self, x: Tensor, time: Tensor, given: Given) -> Tensor:
        """Away from what any class gives, towards what the chosen class gives."""
        if not self.ddpm.classes:
            return self.ddpm.average(x, time)
        n = x.shape[0]
        anything = torch.full_like(given["label"], self.ddpm.classes)
        labels = torch.cat([given["label"], anything])
        both = self.ddpm.average(torch.cat([x, x]), torch.cat([time, time]), labels)
        return both[n:] + given["guidance_scale"] * (both[:n] - both[n:])


class Ancestral(DDIM):
    """Sampling from the posterior of each step, as in the DDPM paper; with fewer steps the posterior is respaced."""

    def __init__(self, ddpm: DDPM) -> None:
        super().__init__(ddpm)
        self.Controls = controls(len(ddpm.alphas_cumprod), 250)

    def eta(self, given: Given) -> Tensor:
        return torch.ones_like(given["guidance_scale"])
