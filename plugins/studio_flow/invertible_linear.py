"""Channels mixed by a learned invertible matrix: Glow's 1x1 convolution, in the form of an LU decomposition."""

import math
from typing import Self, cast

import torch
from torch import Tensor, nn

from .transform import Transform


class InvertibleLinear(Transform):
    """x -> W x over the channels of points or pictures, W = P L (U + diag(s)); log |det W| is the sum of log |s|.

    P and the signs of s stay as drawn. W and its inverse are computed when the module enters evaluation mode or gets new
    weights, so that an exported graph holds them as constants and needs no linear algebra.

    Args:
        shape: of a sample, channels first.

    Source: Kingma and Dhariwal, Glow, 2018, https://arxiv.org/abs/1807.03039
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        super().__init__()
        self.places = math.prod(shape[1:])
        permutation, lower, upper = torch.linalg.lu(torch.linalg.qr(torch.randn(shape[0], shape[0])).Q)
        diagonal = upper.diagonal()
        self.register_buffer("permutation", permutation)
        self.register_buffer("sign", diagonal.sign())
        self.register_buffer("baked", torch.eye(shape[0]), persistent=False)
        self.register_buffer("baked_inverse", torch.eye(shape[0]), persistent=False)
        self.permutation: Tensor
        self.sign: Tensor
        self.baked: Tensor
        self.baked_inverse: Tensor
        self.lower = nn.Parameter(lower.tril(-1))
        self.upper = nn.Parameter(upper.triu(1))
        self.log_diagonal = nn.Parameter(diagonal.abs().log())
        self.register_load_state_dict_post_hook(lambda module, _: cast(InvertibleLinear, module).bake())
        self.bake()

    def weight(self) -> Tensor:
        """W, (channels, channels)."""
        lower = self.lower.tril(-1) + torch.eye(len(self.sign), device=self.sign.device)
        upper = self.upper.triu(1) + torch.diag(self.sign * self.log_diagonal.exp())
        return self.permutation @ lower @ upper

    @torch.no_grad()
    def bake(self) -> None:
        """Compute W and, in double precision, its inverse from the present parameters."""
        self.baked.copy_(self.weight())
        self.baked_inverse.copy_(torch.linalg.inv(self.weight().double()))

    def train(self, mode: bool = True) -> Self:
        super().train(mode)
        if not mode:
            self.bake()
        return self

    def forward(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        weight = self.weight() if self.training else self.baked
        return mix(x, weight), self.places * self.log_diagonal.sum()

    def inverse(self, z: Tensor, context: Tensor | None) -> Tensor:
        return mix(z, self.baked_inverse)


def mix(x: Tensor, weight: Tensor) -> Tensor:
    """A matrix times the channels of (n, c) or (n, c, h, w)."""
    return nn.functional.linear(x, weight) if x.dim() == 2 else nn.functional.conv2d(x, weight[..., None, None])
