"""How a student of exact targets updates its weights: Adam, a short warm-up, and a rate that falls to zero."""

import torch
from torch import nn

WARM_UP = 0.03


def adam(network: nn.Module, learning_rate: float) -> torch.optim.Optimizer:
    """Adam whose memory of squared gradients, a hundred steps, suits trainings of some hundred steps.

    Source: Kingma and Ba, Adam, 2015, https://arxiv.org/abs/1412.6980
    """
    return torch.optim.Adam(network.parameters(), lr=learning_rate, betas=(0.9, 0.99))


def rate(peak: float, fraction: float) -> float:
    """The learning rate when `fraction` of the budget is spent: up to `peak` in `WARM_UP` of it, then linearly down to 0."""
    return peak * min((fraction + 1e-3) / WARM_UP, (1 - fraction) / (1 - WARM_UP), 1.0)
