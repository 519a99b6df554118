"""The steps of a diffusion that takes few: from the samples to noise, and back where the clean sample is known."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from studio.kit.schedules import broadcast


class Transition(NamedTuple):
    """Steps of the diffusion: the less noisy x_{t-1} and the noisier x_t, like the space, and t (n,) in 1..timesteps."""

    before: Tensor
    x: Tensor
    t: Tensor


class Transitions(nn.Module):
    """The forward process q(x_t | x_{t-1}) in `timesteps` steps, and its posterior.

    Args:
        spacing: the power of the process's times, see `alpha_bar`.
    """

    def __init__(self, timesteps: int, spacing: float) -> None:
        super().__init__()
        self.timesteps = timesteps
        self.register_buffer("alpha_bar", alpha_bar(timesteps, spacing), persistent=False)
        self.alpha_bar: Tensor

    def diffused(self, clean: Tensor) -> Transition:
        """Steps to samples (n, *shape), each noised up to its own random step."""
        t = torch.randint(1, self.timesteps + 1, (len(clean),), device=clean.device)
        bar, kept = (broadcast(self.alpha_bar[k], clean) for k in (t, t - 1))
        before = kept.sqrt() * clean + (1 - kept).sqrt() * torch.randn_like(clean)
        ratio = bar / kept
        return Transition(before, ratio.sqrt() * before + (1 - ratio).sqrt() * torch.randn_like(clean), t)

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


def alpha_bar(timesteps: int, spacing: float = 1.0) -> Tensor:
    """Share of the variance left after each step, (timesteps + 1,), 1 at first: the variance-preserving SDE, beta 0.1 to 20.

    Args:
        spacing: the power of the SDE's times. At 1 they are even, as the paper has them; more brings them together near the
            data, so that narrow modes are chosen among over several steps and not all in the last.

    Source: Song et al., Score-Based Generative Modeling through Stochastic Differential Equations, 2020,
    https://arxiv.org/abs/2011.13456
    """
    t = torch.linspace(0, 1, timesteps + 1, dtype=torch.float64) ** spacing
    return torch.exp(-0.5 * (20 - 0.1) * t**2 - 0.1 * t).float()
