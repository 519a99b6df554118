"""How likely a sample is, given what was decoded: a Gaussian for real numbers, a discretised logistic for quantised pixels.

The logistic's bins have a closed form without cancellation, log(sigmoid(b) - sigmoid(a)) = log sigmoid(b) + log sigmoid(-a) +
log(1 - exp(a - b)), so that its nats are those of the discrete picture and bits per dimension need no dequantisation. log sigmoid
is written as softplus, which onnxruntime computes without underflow.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, Space
from studio.kit.networks.spaces import Decoder

SMALLEST = -5.0


def gaussian(x: Tensor, mean: Tensor, log_sigma: Tensor) -> Tensor:
    """Log-density in nats of each number of x, of the shape of `mean`."""
    return -0.5 * (((x - mean) / log_sigma.exp()) ** 2 + 2 * log_sigma + math.log(2 * math.pi))


def discretised_logistic(x: Tensor, mean: Tensor, log_scale: Tensor, levels: int) -> Tensor:
    """Log-probability in nats of each pixel's level, of the shape of `mean`; the outermost bins reach to infinity.

    Args:
        x: pixels in [-1, 1], each on one of `levels` equidistant values.

    Source: Salimans et al., PixelCNN++, 2017, https://arxiv.org/abs/1701.05517

    Example:
        >>> x = torch.linspace(-1, 1, 5)
        >>> discretised_logistic(x, torch.tensor(0.3), torch.tensor(-1.0), 5).exp().sum()
        tensor(1.)
    """
    half = 1 / (levels - 1)
    inverse = (-log_scale).exp()
    above = torch.where(x > 1 - half, torch.zeros_like(mean), -F.softplus(inverse * (mean - x - half)))
    below = torch.where(x < half - 1, torch.zeros_like(mean), -F.softplus(inverse * (x - half - mean)))
    inside = torch.log(-torch.expm1(-2 * half * inverse))
    return above + below + torch.where((x > 1 - half) | (x < half - 1), torch.zeros_like(mean), inside + torch.zeros_like(mean))


class Output(nn.Module):
    """A decoder with the likelihood of a sample: one deviation for all numbers, or one decoded for each pixel.

    Args:
        pixelwise: decode a deviation for each pixel; points and rows keep the shared one.
        sigma: fix the shared deviation instead of learning it.

    Source of the shared, learned deviation: Rybkin et al., Simple and Effective VAE Training with Calibrated Decoders, 2020,
    https://arxiv.org/abs/2006.13202
    """

    def __init__(
        self, space: Space, latent: int, width: int, depth: int, classes: int, *, pixelwise: bool, sigma: float | None
    ) -> None:
        super().__init__()
        self.levels = space.levels if isinstance(space, Image) else 0
        self.channels = space.shape[0]
        self.pixelwise = pixelwise and bool(self.levels)
        decoded = space.model_copy(update={"channels": 2 * self.channels}) if self.pixelwise else space
        self.decoder = Decoder(decoded, latent, width, depth, classes)
        start = -1.5 if sigma is None else math.log(sigma * (math.sqrt(3) / math.pi if self.levels else 1))
        self.log_sigma = nn.Parameter(torch.tensor(start), requires_grad=sigma is None)

    def forward(self, z: Tensor, labels: Tensor | None) -> Tensor:
        """The mean sample (n, *space.shape) of latents (n, latent)."""
        return self.decoder(z, labels)[:, : self.channels]

    def log_likelihood(self, x: Tensor, z: Tensor, labels: Tensor | None) -> Tensor:
        """log p(x | z) in nats, (n,): of the discrete picture, or a log-density."""
        decoded = self.decoder(z, labels)
        mean = decoded[:, : self.channels]
        log_sigma = 3.5 * (decoded[:, self.channels :] - 1) if self.pixelwise else self.log_sigma.clamp(min=SMALLEST)
        each = discretised_logistic(x, mean, log_sigma, self.levels) if self.levels else gaussian(x, mean, log_sigma)
        return each.flatten(1).sum(1)
