"""The samplers of diffusion models, one evaluation of the network at a time: each is a weighted sum of four tensors.

What is at hand after an evaluation is x itself, the estimate of the clean sample, one remembered tensor and fresh noise. The
weights follow from the noise levels and from the solver's index, so one graph serves all solvers.
"""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

Solver = Literal["ddim", "ancestral", "euler", "heun", "dpmpp_2m"]
SOLVERS: tuple[Solver, ...] = get_args(Solver)
DDIM, ANCESTRAL, EULER, HEUN, DPMPP_2M = range(len(SOLVERS))


@dataclass(frozen=True)
class Level:
    """A noise level: x = alpha * clean + sigma * noise, and the time that the network is told; (1,) each, or broadcasting.

    The end of every grid is the clean sample, alpha 1 and sigma 0.
    """

    alpha: Tensor
    sigma: Tensor
    time: Tensor


@dataclass(frozen=True)
class Weights:
    """How much x, the clean estimate, the remembered tensor and fresh noise count in the next x; (1,) each."""

    x: Tensor
    clean: Tensor
    memory: Tensor
    noise: Tensor

    def combine(self, x: Tensor, clean: Tensor, memory: Tensor, noise: Tensor) -> Tensor:
        """The next x, like x (n, ...)."""
        return self.x * x + self.clean * clean + self.memory * memory + self.noise * noise


def intervals(steps: Tensor, solver: Tensor) -> Tensor:
    """How many intervals of the grid `steps` evaluations cover: Heun evaluates twice in each but the last.

    An even number of evaluations leaves the correction of Heun's first interval out.
    """
    return torch.where(solver == HEUN, steps // 2 + 1, steps)


def place(i: Tensor, steps: Tensor, solver: Tensor) -> tuple[Tensor, Tensor]:
    """The interval that evaluation `i` of `steps` belongs to, and whether it corrects it: then it is made at its end."""
    half = torch.where((steps % 2 == 0) & (i > 0), i + 1, i)
    heun = solver == HEUN
    return torch.where(heun, half // 2, i), heun & (half % 2 == 1)


def choose(condition: Tensor, one: Level, other: Level) -> Level:
    """The first level where the condition holds."""
    pick = lambda a, b: torch.where(condition, a, b)  # noqa: E731
    return Level(pick(one.alpha, other.alpha), pick(one.sigma, other.sigma), pick(one.time, other.time))


def remember(solver: Tensor, x: Tensor, clean: Tensor) -> Tensor:
    """What the next evaluation needs of this one: Heun's correction x, DPM-Solver++ 2M the clean estimate."""
    return torch.where(solver == HEUN, x, clean)


def weights(solver: Tensor, before: Level, now: Level, then: Level, eta: Tensor, correcting: Tensor) -> Weights:
    """Weights of the step from `now` to `then`, whose clean estimate was made at `now`, or at `then` where `correcting`.

    Args:
        before: the level that the last interval began at; `now` again where there was none.
        eta: DDIM's share of fresh noise; 1 is what "ancestral" always has.

    Source: DDIM, https://arxiv.org/abs/2010.02502; ancestral, Ho et al., https://arxiv.org/abs/2006.11239; Euler and Heun,
    Karras et al., https://arxiv.org/abs/2206.00364; DPM-Solver++ 2M, Lu et al., https://arxiv.org/abs/2211.01095
    """
    share = torch.where(solver == ANCESTRAL, 1.0, torch.where(solver == DDIM, eta, 0.0))
    first = first_order(now, then, share)
    extra = torch.where(solver == DPMPP_2M, second_order(before, now, then), 0.0) * first.clean
    corrected = correction(now, then)
    pick = lambda a, b: torch.where(correcting, a, b)  # noqa: E731
    return Weights(
        x=pick(corrected.x, first.x), clean=pick(corrected.clean, first.clean + extra),
        memory=pick(corrected.memory, -extra), noise=pick(corrected.noise, first.noise),
    )  # fmt: skip


def first_order(now: Level, then: Level, eta: Tensor) -> Weights:
    """DDIM in any variance: with eta 0 it is Euler's step in sigma / alpha, with eta 1 the posterior of an ancestral step."""
    shrink = _shrink(now, then)
    renewed = (1 - shrink) * (1 + shrink)
    onward = then.sigma * (1 - eta**2 * renewed).clamp(min=0).sqrt() / now.sigma
    fresh = eta * then.sigma * renewed.clamp(min=0).sqrt()
    return Weights(onward, then.alpha - onward * now.alpha, torch.zeros_like(onward), fresh)


def second_order(before: Level, now: Level, then: Level) -> Tensor:
    """How far the clean estimate is extrapolated from the last one: half the ratio of the two log-SNR intervals.

    Zero where there is no last interval, and where the step leads to the clean sample.
    """
    last, ahead = -_shrink(before, now).log(), _shrink(now, then)
    return torch.where((last > 0) & (ahead > 0), -0.5 * ahead.log() / last, 0.0)


def correction(now: Level, then: Level) -> Weights:
    """Heun's second half: the slopes at both ends averaged, from x at the end and the remembered x at the start."""
    grow = 1 / _shrink(now, then)
    clean = then.alpha * (grow - 1) / 2
    return Weights(1 - grow / 2, clean, then.alpha / now.alpha / 2, torch.zeros_like(clean))


def _shrink(now: Level, then: Level) -> Tensor:
    """The ratio of sigma / alpha after and before: exp(-h), h being the step in half the log-SNR."""
    return now.alpha * then.sigma / (then.alpha * now.sigma)
