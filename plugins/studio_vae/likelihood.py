"""How likely a sample is, given what was decoded: a Gaussian for real numbers, a discretised logistic for quantised pixels."""

import math

import torch
from torch import Tensor, nn

from studio.api import Image, Space
from studio.kit.logistic import discretised_logistic
from studio.kit.networks.spaces import Decoder

SMALLEST = -5.0


def gaussian(x: Tensor, mean: Tensor, log_sigma: Tensor) -> Tensor:
    """Log-density in nats of each number of x, of the shape of `mean`."""
    return -0.5 * (((x - mean) / log_sigma.exp()) ** 2 + 2 * log_sigma + math.log(2 * math.pi))


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
