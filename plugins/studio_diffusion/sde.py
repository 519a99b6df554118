"""The two processes that turn data into noise in continuous time, t from 0 to 1."""

import math
from typing import Protocol

import torch
from torch import Tensor


class SDE(Protocol):
    """x(t) = alpha(t) * clean + sigma(t) * noise.

    Attributes:
        first: the smallest time that is trained and sampled.
        spread: deviation of x(1).
    """

    first: float
    spread: float

    def marginal(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """alpha and sigma at times t, of its shape."""
        ...

    def time(self, ratio: Tensor) -> Tensor:
        """The times t at which sigma / alpha has these values."""
        ...


class VariancePreserving:
    """dx = -beta(t) x / 2 dt + sqrt(beta(t)) dw, with beta from 0.1 to 20: DDPM with infinitely many steps.

    Source: Song et al., 2021, appendix B, https://arxiv.org/abs/2011.13456
    """

    low, high = 0.1, 20.0
    first, spread = 1e-3, 1.0

    def marginal(self, t: Tensor) -> tuple[Tensor, Tensor]:
        integral = self._integral(t)
        return (-0.5 * integral).exp(), (-torch.expm1(-integral)).sqrt()

    def time(self, ratio: Tensor) -> Tensor:
        integral = torch.log1p(ratio**2)
        slope = self.high - self.low
        return ((self.low**2 + 2 * slope * integral).sqrt() - self.low) / slope

    def _integral(self, t: Tensor) -> Tensor:
        """Of beta from 0 to t."""
        return self.low * t + 0.5 * t**2 * (self.high - self.low)


class VarianceExploding:
    """dx = sqrt(d sigma(t)^2 / dt) dw, with sigma from 0.01 to 50 in equal ratios: noise is added, nothing shrinks.

    Source: Song et al., 2021, appendix C, https://arxiv.org/abs/2011.13456
    """

    low, high = 0.01, 50.0
    first, spread = 1e-5, 50.0

    def marginal(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return torch.ones_like(t), self.low * (self.high / self.low) ** t

    def time(self, ratio: Tensor) -> Tensor:
        return (ratio / self.low).log() / math.log(self.high / self.low)
