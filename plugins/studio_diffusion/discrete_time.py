"""Diffusion in discrete time: a schedule of noise levels, and a network that predicts the noise or the velocity at each."""

from collections.abc import Callable, Mapping
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Params, Signature, StudioError
from studio.kit.schedules import Prediction, Schedule, alphas_cumprod, broadcast, split, target
from studio.kit.solvers import Level

from .diffusion import Diffusion


class Timed(Protocol):
    """The parameters of the schedule."""

    timesteps: int
    schedule: Schedule
    zero_terminal_snr: bool
    prediction: Prediction


class DiscreteTime(Diffusion):
    """Base of the methods with timesteps.

    Args:
        bar: alpha-bar at each timestep, where it is none of the usual schedules.

    Raises:
        StudioError: the noise is to be predicted where it is all there is.

    Source: Ho et al., Denoising Diffusion Probabilistic Models, 2020, https://arxiv.org/abs/2006.11239; v-prediction, Salimans
    and Ho, 2022, https://arxiv.org/abs/2202.00512
    """

    def __init__(
        self,
        signature: Signature,
        params: Params | None,
        inputs: Mapping[str, nn.Module] | None,
        timed: Timed,
        bar: Tensor | None = None,
    ) -> None:
        super().__init__(signature, params, inputs)
        if timed.zero_terminal_snr and timed.prediction == "epsilon":
            raise StudioError("With zero terminal SNR the noise says nothing of the sample: choose the prediction v.")
        bar = alphas_cumprod(timed.schedule, timed.timesteps, timed.zero_terminal_snr) if bar is None else bar
        self.register_buffer("alphas", bar.sqrt().float(), persistent=False)
        self.register_buffer("sigmas", (1 - bar).sqrt().float(), persistent=False)
        self.alphas: Tensor
        self.sigmas: Tensor
        self.prediction: Prediction = timed.prediction
        self.timesteps = self.most_steps = timed.timesteps
        ratio = ((1 - bar) / bar).sqrt()
        self.sigma_min, self.sigma_max = float(ratio[0]), float(ratio[-1])

    def error(self, predict: Callable[[Tensor, Tensor], Tensor], x: Tensor) -> Tensor:
        """The simplified loss: the squared error of a prediction at one random timestep each.

        Args:
            predict: the network's output, like x, for noised samples (n, ...) and times (n,) in 0..1000.
        """
        t = torch.randint(self.timesteps, (len(x),), device=x.device)
        return self.error_at(t, torch.randn_like(x), predict, x)

    def error_at(self, t: Tensor, noise: Tensor, predict: Callable[[Tensor, Tensor], Tensor], x: Tensor) -> Tensor:
        """The same at given timesteps (n,) with given noise, like x."""
        alpha, sigma = broadcast(self.alphas[t], x), broadcast(self.sigmas[t], x)
        output = predict(alpha * x + sigma * noise, self.time(t))
        return F.mse_loss(output, target(self.prediction, x, noise, alpha, sigma))

    def time(self, t: Tensor) -> Tensor:
        """Timesteps as the network's 0..1000."""
        return t * (1000 / self.timesteps)

    def level(self, k: Tensor, intervals: Tensor, strength: Tensor | float = 1.0) -> Level:
        """Timesteps evenly spread, the last ones of each interval ("trailing")."""
        left = torch.round((intervals - k) * (self.timesteps * strength) / intervals)
        t = (left.long().clamp(min=1) - 1).reshape(1)
        noisy = k < intervals
        alpha = torch.where(noisy, self.alphas.index_select(0, t), 1.0)
        return Level(alpha, torch.where(noisy, self.sigmas.index_select(0, t), 0.0), self.time(t).float())

    def at(self, sigma: Tensor) -> Level:
        """The timestep between two of the schedule's, in proportion to log sigma."""
        known = (self.sigmas / self.alphas).log()
        wanted = sigma.reshape(-1, 1).log().clamp(known[0], known[-1])
        low = ((known <= wanted).sum(1) - 1).clamp(0, self.timesteps - 2)
        beyond = (wanted[:, 0] - known[low]) / (known[low + 1] - known[low])
        alpha = (1 + sigma**2).rsqrt()
        return Level(alpha, sigma * alpha, self.time(low + beyond))

    def unmixed(self, output: Tensor, x: Tensor, level: Level) -> Tensor:
        """The estimate of the clean sample that the network's output stands for."""
        return split(self.prediction, output, x, level.alpha, level.sigma)[0]
