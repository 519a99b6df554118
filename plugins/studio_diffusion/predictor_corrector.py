"""The samplers of the score-SDE paper: the reverse equation in discrete steps, with Langevin steps in between."""

from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor

from studio.api import Params, param
from studio.kit.sampler import Carry, Given
from studio.kit.solvers import HEUN, SOLVERS, Level, Weights

from .sampling import Sample, Stride, pace

if TYPE_CHECKING:
    from .diffusion import Diffusion

REVERSE_DIFFUSION, PREDICTOR_CORRECTOR = len(SOLVERS), len(SOLVERS) + 1


class PredictorCorrector(Sample):
    """The shared solvers, the reverse-diffusion predictor, and the same with a Langevin corrector after each step.

    Source: Song et al., 2021, algorithms 2 to 5, https://arxiv.org/abs/2011.13456
    """

    quick = {"steps": 15, "solver": "heun"}

    def __init__(self, model: "Diffusion") -> None:
        super().__init__(model)

        class Controls(pace(model, 200)):
            solver: Literal["ddim", "ancestral", "euler", "heun", "dpmpp_2m", "reverse_diffusion", "predictor_corrector"] = param(
                "predictor_corrector",
                "predictor_corrector and reverse_diffusion run the stochastic equation backwards in hundreds of steps; euler, "
                "heun and dpmpp_2m follow the probability flow in tens.",
            )
            eta: float = param(
                0.0, "Fresh noise at each step of ddim: 0 is deterministic, 1 as much as ancestral.",
                ge=0.0, le=1.0, basic=False, shown_when={"solver": "ddim"},
            )  # fmt: skip
            snr: float = param(
                0.16, "Length of the corrector's steps, as a ratio of signal to noise.",
                ge=0.01, le=0.5, basic=False, shown_when={"solver": "predictor_corrector"},
            )  # fmt: skip

        self.Controls: type[Params] = Controls

    def pattern(self, given: Given) -> Tensor:
        """A corrector takes the place of Heun's second evaluation."""
        return torch.where(given["solver"] == PREDICTOR_CORRECTOR, HEUN, given["solver"])

    def move(self, stride: Stride, carry: Carry, clean: Tensor, noise: Tensor, given: Given) -> Tensor:
        x, solver = carry["x"], given["solver"]
        predicted = reverse_diffusion(stride.now, stride.then).combine(x, clean, carry["memory"], noise)
        corrected = langevin(x, clean, noise, stride.then, given["snr"])
        stochastic = torch.where(stride.correcting, corrected, predicted)
        return torch.where(solver < REVERSE_DIFFUSION, super().move(stride, carry, clean, noise, given), stochastic)


def reverse_diffusion(now: Level, then: Level) -> Weights:
    """The reverse equation with the forward one's own discretisation; no noise is added where the step ends at the data."""
    ratio = now.alpha / then.alpha
    added = now.sigma**2 - (ratio * then.sigma) ** 2
    drift = added / now.sigma**2
    fresh = torch.where(then.sigma > 0, added.clamp(min=0).sqrt(), 0.0)
    return Weights(2 - ratio - drift, drift * now.alpha, torch.zeros_like(ratio), fresh)


def langevin(x: Tensor, clean: Tensor, noise: Tensor, level: Level, snr: Tensor) -> Tensor:
    """A Langevin step at a level, as long as makes the drift `snr` times the noise: x (n, ...) -> the same.

    The paper measures the score's length over the batch; here it is what noised data have, sqrt(d) / sigma, so that a sample
    depends on no other.
    """
    length = 2 * (level.alpha * snr * level.sigma) ** 2
    drift = length * (level.alpha * clean - x) / level.sigma**2
    return x + drift + (2 * length).sqrt() * noise
