"""A scale and a shift for each number, the simplest function of a coupling."""

import torch
from torch import Tensor, nn

from .coupling import Elementwise


class TanhAffine(Elementwise):
    """x exp(s) + t with s a hyperbolic tangent times a learned bound, so that no scale explodes.

    Source: Dinh et al., Density estimation using Real NVP, 2016, https://arxiv.org/abs/1605.08803
    """

    count = 2

    def __init__(self, bound: float = 3.0) -> None:
        super().__init__()
        self.bound = nn.Parameter(torch.tensor(bound))

    def forward(self, x: Tensor, parameters: Tensor) -> tuple[Tensor, Tensor]:
        log_scale = self.bound * torch.tanh(parameters[..., 0])
        return x * log_scale.exp() + parameters[..., 1], log_scale

    def inverse(self, y: Tensor, parameters: Tensor) -> Tensor:
        log_scale = self.bound * torch.tanh(parameters[..., 0])
        return (y - parameters[..., 1]) * (-log_scale).exp()


class SigmoidAffine(Elementwise):
    """(x + t) sigmoid(s + 2), which never enlarges: as in Glow's published code.

    Source: Kingma and Dhariwal, Glow, 2018, https://arxiv.org/abs/1807.03039
    """

    count = 2

    def forward(self, x: Tensor, parameters: Tensor) -> tuple[Tensor, Tensor]:
        raw = parameters[..., 0] + 2
        return (x + parameters[..., 1]) * torch.sigmoid(raw), nn.functional.logsigmoid(raw)

    def inverse(self, y: Tensor, parameters: Tensor) -> Tensor:
        return y * (1 + (-parameters[..., 0] - 2).exp()) - parameters[..., 1]
