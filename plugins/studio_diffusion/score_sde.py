"""Score SDE: diffusion as a stochastic differential equation, its reverse, and the ordinary one with the same marginals."""

import math
from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from studio.api import Image, Signature
from studio.kit.ema import EMA
from studio.kit.generator import Score
from studio.kit.likelihood import LogProb
from studio.kit.networks.spaces import denoiser
from studio.kit.sampler import Sampler
from studio.kit.schedules import broadcast
from studio.kit.solvers import Level
from studio.kit.source import Batch

from .cards.score_sde import ScoreSDEParams
from .diffusion import Diffusion
from .predictor_corrector import PredictorCorrector
from .sde import SDE, VarianceExploding, VariancePreserving

EVALUATIONS = 64


class ScoreSDE(Diffusion):
    """A score network in continuous time, for the variance-preserving or the variance-exploding process.

    Source: Song et al., Score-Based Generative Modeling through Stochastic Differential Equations, 2021,
    https://arxiv.org/abs/2011.13456
    """

    def __init__(self, signature: Signature, params: ScoreSDEParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        self.network = denoiser(signature.space, params.width, params.depth, self.classes, params.patch)
        self.average = EMA(self.network, params.ema)
        self.sde: SDE = VariancePreserving() if params.sde == "vp" else VarianceExploding()
        self.spread = self.sde.spread
        ends = [self.sde.marginal(torch.tensor(t, dtype=torch.float64)) for t in (self.sde.first, 1.0)]
        self.sigma_min, self.sigma_max = (float(sigma / alpha) for alpha, sigma in ends)

    def loss(self, batch: Batch) -> Tensor:
        """Denoising score matching at one random time each: the squared error of the noise."""
        t = self.times(torch.rand(len(batch.x), device=batch.x.device))
        alpha, sigma = (broadcast(value, batch.x) for value in self.sde.marginal(t))
        noise = torch.randn_like(batch.x)
        error = self.noise(self.network, Level(alpha, sigma, t), alpha * batch.x + sigma * noise, batch.labels) - noise
        return error.square().mean()

    def times(self, uniform: Tensor) -> Tensor:
        """Times of training from uniform numbers (n,): all alike, or as likely as they count in the likelihood.

        The likelihood's weight g^2 / sigma^2 is in both processes that of log sigma / alpha being uniform.

        Source: Song et al., Maximum Likelihood Training of Score-Based Diffusion Models, 2021, section 5.1,
        https://arxiv.org/abs/2101.09258
        """
        if cast(ScoreSDEParams, self.params).weighting == "simple":
            return self.sde.first + (1 - self.sde.first) * uniform
        return self.sde.time(self.sigma_min * (self.sigma_max / self.sigma_min) ** uniform)

    def noise(self, network: nn.Module, level: Level, x: Tensor, labels: Tensor | None) -> Tensor:
        """The estimate of the noise in x (n, ...), which is minus sigma times the score.

        It is what it would be for normal data of unit variance, and the network's correction of that.
        """
        size = (level.alpha**2 + level.sigma**2).sqrt()
        return (level.sigma * x / size + level.alpha * network(x / size, 1000 * level.time, labels)) / size

    def samplers(self) -> Mapping[str, Sampler]:
        return {**super().samplers(), "sample": PredictorCorrector(self)}

    def scores(self) -> Mapping[str, Score]:
        if isinstance(self.space, Image):
            return {}
        return {"log_prob": LogProb(self.space, ProbabilityFlow(self), self.label_ports(), EVALUATIONS)}

    def level(self, k: Tensor, intervals: Tensor, strength: Tensor | float = 1.0) -> Level:
        """Times evenly spread down to the first."""
        t = strength + (self.sde.first - strength) * k / (intervals - 1).clamp(min=1)
        alpha, sigma = self.sde.marginal(t)
        noisy = k < intervals
        ends = (torch.where(noisy, alpha, 1.0), torch.where(noisy, sigma, 0.0), t)
        return Level(*(value.float().reshape(1) for value in ends))

    def at(self, sigma: Tensor) -> Level:
        t = self.sde.time(sigma)
        return Level(*self.sde.marginal(t), t.reshape(-1))

    def clean(self, x: Tensor, level: Level, condition: Tensor | None) -> Tensor:
        told = Level(level.alpha, level.sigma, level.time.expand(x.shape[0]))
        return (x - level.sigma * self.noise(self.average, told, x, condition)) / level.alpha


class ProbabilityFlow(nn.Module):
    """Where samples move on their way from a standard normal at time 0 to data at time 1: dx/dt of x (n, d), times (n,).

    Of the reverse equation this is the ordinary one with the same marginals. x is scaled to the variance-preserving size,
    whichever the process, and log sigma / alpha falls evenly with time.
    """

    def __init__(self, model: ScoreSDE) -> None:
        super().__init__()
        self.model = model
        self.length = math.log(model.sigma_max / model.sigma_min)

    def forward(self, x: Tensor, time: Tensor, labels: Tensor | None = None) -> Tensor:
        sigma = self.model.sigma_max * (-self.length * time).exp()
        alpha = broadcast((1 + sigma**2).rsqrt(), x)
        clean = self.model.denoise(x / alpha, sigma, labels)
        return self.length * alpha * (clean - alpha * x)
