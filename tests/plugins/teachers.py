"""A teacher whose paths are known: the exact denoiser of a Gaussian."""

import torch
from torch import Tensor

from studio.api import Params, Points, Signature
from studio.kit.generator import Generator
from studio.kit.schedules import broadcast

POINTS = Signature(space=Points(dimensions=2))
SPREAD = 0.5


class GaussianTeacher(Generator):
    """Data of mean zero and deviation `SPREAD`; its paths are straight lines to the origin, walked as `along` says."""

    sigma_min, sigma_max = 0.002, 20.0

    def __init__(self, signature: Signature = POINTS) -> None:
        super().__init__(signature, Params())
        self.weight = torch.nn.Parameter(torch.zeros(1))
        self.asked: list[Tensor | None] = []

    def denoise(self, x: Tensor, sigma: Tensor, labels: Tensor | None = None) -> Tensor:
        self.asked.append(labels)
        return x * broadcast(SPREAD**2 / (SPREAD**2 + sigma**2), x)


def along(x: Tensor, upper: Tensor, lower: Tensor) -> Tensor:
    """Where the path through x at `upper` is at `lower`."""
    return x * broadcast(((SPREAD**2 + lower**2) / (SPREAD**2 + upper**2)).sqrt(), x)
