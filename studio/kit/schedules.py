"""Noise schedules of discrete-time diffusion: alpha-bar, the share of the picture's variance that is left, at each timestep."""

import math
from typing import Literal

import torch
from torch import Tensor

Schedule = Literal["linear", "cosine"]
Prediction = Literal["epsilon", "v"]

LEAST = 2.0**-24
"""Alpha-bar at the end of a schedule of zero terminal SNR: zero for all purposes, and sigma / alpha is still finite."""


def alphas_cumprod(schedule: Schedule, timesteps: int, zero_terminal_snr: bool = False) -> Tensor:
    """Float64 (timesteps,), falling from near 1 to near 0; so precise that 1 - alpha-bar keeps its digits.

    Source: "linear" from Ho et al., Denoising Diffusion Probabilistic Models, 2020, https://arxiv.org/abs/2006.11239;
    "cosine" from Nichol and Dhariwal, Improved Denoising Diffusion Probabilistic Models, 2021,
    https://arxiv.org/abs/2102.09672. The linear betas are scaled so that fewer than 1000 timesteps end as noisy.
    """
    betas = _cosine(timesteps) if schedule == "cosine" else _linear(timesteps)
    bar = torch.cumprod(1 - betas, dim=0)
    return rescale_zero_terminal_snr(bar).clamp(min=LEAST) if zero_terminal_snr else bar


def rescale_zero_terminal_snr(bar: Tensor) -> Tensor:
    """The schedule with nothing of the picture left at its end: the square roots of alpha-bar shifted and stretched.

    Source: Lin et al., Common Diffusion Noise Schedules and Sample Steps are Flawed, 2023, algorithm 1,
    https://arxiv.org/abs/2305.08891
    """
    root = bar.sqrt()
    return ((root - root[-1]) * root[0] / (root[0] - root[-1])) ** 2


def karras(ramp: Tensor, sigma_min: Tensor | float, sigma_max: Tensor | float, rho: float = 7.0) -> Tensor:
    """Noise levels evenly spread in sigma to the power 1 / rho: `sigma_max` where `ramp` is 0, `sigma_min` where it is 1.

    Source: Karras et al., 2022, equation 5, https://arxiv.org/abs/2206.00364
    """
    high, low = sigma_max ** (1 / rho), sigma_min ** (1 / rho)
    return (high + ramp * (low - high)) ** rho


def _linear(timesteps: int) -> Tensor:
    scale = 1000 / timesteps
    return torch.linspace(1e-4 * scale, 0.02 * scale, timesteps, dtype=torch.float64).clamp(max=0.999)


def _cosine(timesteps: int) -> Tensor:
    t = torch.linspace(0, 1, timesteps + 1, dtype=torch.float64)
    bar = torch.cos((t + 0.008) / 1.008 * math.pi / 2) ** 2
    return (1 - bar[1:] / bar[:-1]).clamp(max=0.999)


def target(prediction: Prediction, x0: Tensor, noise: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
    """What the network learns to predict; v is from Salimans and Ho, 2022, https://arxiv.org/abs/2202.00512."""
    return noise if prediction == "epsilon" else alpha * noise - sigma * x0


def split(prediction: Prediction, output: Tensor, x: Tensor, alpha: Tensor, sigma: Tensor) -> tuple[Tensor, Tensor]:
    """The estimates of the clean sample and of the noise that an output stands for: (x0, epsilon)."""
    if prediction == "epsilon":
        return (x - sigma * output) / alpha, output
    return alpha * x - sigma * output, alpha * output + sigma * x


def broadcast(values: Tensor, like: Tensor) -> Tensor:
    """(n,) -> (n, 1, ...) with as many dimensions as `like`."""
    return values.reshape(-1, *(1,) * (like.dim() - 1))
