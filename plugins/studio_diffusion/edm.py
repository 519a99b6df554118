"""EDM: diffusion with the design choices taken apart and each made well."""

import math
from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from studio.api import Signature, param
from studio.kit.ema import EMA
from studio.kit.networks.spaces import denoiser
from studio.kit.preconditioning import SIGMA_MAX, SIGMA_MIN, Preconditioned
from studio.kit.sampler import Given, Sampler
from studio.kit.schedules import broadcast, karras
from studio.kit.solvers import EULER, HEUN, Level, intervals
from studio.kit.source import Batch

from .cards.edm import EDMParams
from .diffusion import Diffusion
from .sampling import Sample, controls

MOST_CHURN = math.sqrt(2) - 1


class EDM(Diffusion):
    """Preconditioned denoising with log-normal noise levels, Karras' grid, Heun's steps and churn.

    Source: Karras et al., Elucidating the Design Space of Diffusion-Based Generative Models, 2022,
    https://arxiv.org/abs/2206.00364
    """

    sigma_min, sigma_max, spread = SIGMA_MIN, SIGMA_MAX, SIGMA_MAX
    solver, steps = "heun", 35

    def __init__(self, signature: Signature, params: EDMParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        network = denoiser(signature.space, params.width, params.depth, self.classes, params.patch)
        self.network = Preconditioned(network, params.sigma_data)
        self.average = EMA(self.network, params.ema)

    @property
    def bounded(self) -> bool:
        """Estimates are used as they are, as in the paper."""
        return False

    def loss(self, batch: Batch) -> Tensor:
        """The squared error of the clean sample at a log-normal noise level, weighted to be about 1 at each."""
        params = cast(EDMParams, self.params)
        sigma = (params.p_mean + params.p_std * torch.randn(len(batch.x), device=batch.x.device)).exp()
        noisy = batch.x + broadcast(sigma, batch.x) * torch.randn_like(batch.x)
        weight = (sigma**2 + params.sigma_data**2) / (sigma * params.sigma_data) ** 2
        error = self.network(noisy, sigma, batch.labels) - batch.x
        return (broadcast(weight, batch.x) * error**2).mean()

    def samplers(self) -> Mapping[str, Sampler]:
        return {**super().samplers(), "sample": Stochastic(self)}

    def level(self, k: Tensor, intervals: Tensor, strength: Tensor | float = 1.0) -> Level:
        """Karras' grid: evenly spread in sigma to the power 1 / 7."""
        ramp = (1 - strength) + strength * k / (intervals - 1).clamp(min=1)
        sigma = karras(ramp.clamp(max=1), SIGMA_MIN, SIGMA_MAX)
        return self.at(torch.where(k < intervals, sigma, 0.0).reshape(1))

    def at(self, sigma: Tensor) -> Level:
        return Level(torch.ones_like(sigma), sigma, sigma.reshape(-1))

    def clean(self, x: Tensor, level: Level, condition: Tensor | None) -> Tensor:
        return self.average(x, level.time.expand(x.shape[0]), condition)


class Stochastic(Sample):
    """Before each Euler or Heun step the noise level is raised a little and fresh noise added (algorithm 2 of the paper)."""

    def __init__(self, model: EDM) -> None:
        super().__init__(model)

        class Controls(controls(model)):
            s_churn: float = param(
                0.0, "How much noise is renewed on the way by euler and heun; 0 is deterministic.", ge=0.0, le=100.0
            )
            s_tmin: float = param(0.05, "The lowest noise level at which noise is renewed.", ge=0.0, le=10.0, basic=False)
            s_tmax: float = param(50.0, "The highest noise level at which noise is renewed.", ge=0.0, le=100.0, basic=False)
            s_noise: float = param(
                1.003,
                "Deviation of the renewed noise; over 1 makes up for blurred estimates.",
                ge=0.9,
                le=1.1,
                basic=False,
            )

        self.Controls = Controls

    def churn(self, now: Level, x: Tensor, noise: Tensor, given: Given) -> tuple[Level, Tensor]:
        solver = given["solver"]
        wanted = ((solver == EULER) | (solver == HEUN)) & (now.sigma >= given["s_tmin"]) & (now.sigma <= given["s_tmax"])
        share = (given["s_churn"] / intervals(given["steps"], solver)).clamp(max=MOST_CHURN)
        raised = now.sigma * (1 + torch.where(wanted, share, 0.0))
        added = (raised**2 - now.sigma**2).clamp(min=0).sqrt()
        return cast(EDM, self.model).at(raised), x + given["s_noise"] * added * noise
