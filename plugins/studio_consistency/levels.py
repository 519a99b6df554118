"""Noise levels between which a consistency model learns."""

import torch
from torch import Tensor

from studio.kit import schedules
from studio.kit.preconditioning import SIGMA_MIN


def karras(count: int, sigma_max: float, device: torch.device | str = "cpu") -> Tensor:
    """`count` levels from `sigma_max` down to `SIGMA_MIN`, denser near the data."""
    return schedules.karras(torch.linspace(0, 1, count, device=device), SIGMA_MIN, sigma_max)
