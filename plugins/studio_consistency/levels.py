"""Noise levels between which a consistency model learns."""

import torch
from torch import Tensor

from studio.kit.preconditioning import SIGMA_MIN

RHO = 7.0


def karras(count: int, sigma_max: float, device: torch.device | str = "cpu") -> Tensor:
    """`count` levels from `sigma_max` down to `SIGMA_MIN`, denser near the data.

    Source: Karras et al., 2022, equation 5, https://arxiv.org/abs/2206.00364
    """
    share = torch.linspace(0, 1, count, device=device)
    return (sigma_max ** (1 / RHO) + share * (SIGMA_MIN ** (1 / RHO) - sigma_max ** (1 / RHO))) ** RHO
