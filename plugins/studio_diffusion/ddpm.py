"""DDPM: denoising diffusion in discrete time."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Signature, StudioError
from studio.kit.ema import EMA
from studio.kit.networks.spaces import denoiser
from studio.kit.schedules import Prediction, alphas_cumprod, broadcast, split, target
from studio.kit.solvers import Level
from studio.kit.source import Batch

from .cards.ddpm import DDPMParams
from .diffusion import Diffusion


class DDPM(Diffusion):
    """Denoising diffusion probabilistic models on points, table rows and pictures.

    Source: Ho et al., Denoising Diffusion Probabilistic Models, 2020, https://arxiv.org/abs/2006.11239; v-prediction, Salimans
    and Ho, 2022, https://arxiv.org/abs/2202.00512
    """

    def __init__(self, signature: Signature, params: DDPMParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        if params.zero_terminal_snr and params.prediction == "epsilon":
            raise StudioError("With zero terminal SNR the noise says nothing of the sample: choose the prediction v.")
        self.network = denoiser(signature.space, params.width, params.depth, self.classes, params.patch)
        self.average = EMA(self.network, params.ema)
        bar = alphas_cumprod(params.schedule, params.timesteps, params.zero_terminal_snr)
        self.register_buffer("alphas", bar.sqrt().float(), persistent=False)
        self.register_buffer("sigmas", (1 - bar).sqrt().float(), persistent=False)
        self.alphas: Tensor
        self.sigmas: Tensor
        self.prediction: Prediction = params.prediction
        self.timesteps = self.most_steps = params.timesteps
        ratio = ((1 - bar) / bar).sqrt()
        self.sigma_min, self.sigma_max = float(ratio[0]), float(ratio[-1])

    def loss(self, batch: Batch) -> Tensor:
        """The simplified loss: the squared error of the prediction at one random timestep each."""
        t = torch.randint(self.timesteps, (len(batch.x),), device=batch.x.device)
        alpha, sigma = broadcast(self.alphas[t], batch.x), broadcast(self.sigmas[t], batch.x)
        noise = torch.randn_like(batch.x)
        output = self.network(alpha * batch.x + sigma * noise, self.time(t), batch.labels)
        return F.mse_loss(output, target(self.prediction, batch.x, noise, alpha, sigma))

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

    def clean(self, x: Tensor, level: Level, labels: Tensor | None) -> Tensor:
        output = self.average(x, level.time.expand(x.shape[0]), labels)
        return split(self.prediction, output, x, level.alpha, level.sigma)[0]
