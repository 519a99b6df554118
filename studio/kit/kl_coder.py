"""The autoencoder of latent diffusion: pictures as small maps of latents that are only just a distribution, and back."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api.errors import StudioError
from studio.api.space import Image
from studio.kit.networks.spatial import decoder, encoder
from studio.kit.source import Batch, Source
from studio.kit.stage import Stage, State
from studio.kit.training import Training

MOMENTUM = 0.9


class KLCoder(nn.Module):
    """Encoder and decoder; what `encode` gives is scaled to unit variance over the training data, and `decode` takes that.

    Args:
        latent_channels: numbers at each place of the latents.
        width: channels after the first halving.
        depth: residual blocks at each resolution.
        halvings: how often the sides are halved.

    Raises:
        StudioError: the sides of the picture cannot be halved as often as asked.

    Source: Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models, 2021,
    https://arxiv.org/abs/2112.10752
    """

    def __init__(self, space: Image, latent_channels: int, width: int, depth: int, halvings: int) -> None:
        super().__init__()
        channels, height, across = space.shape
        fold = 2**halvings
        if height % fold or across % fold:
            raise StudioError(f"The sides of {height}x{across} cannot be halved {halvings} times; lower 'halvings'.")
        self.latent_shape = (latent_channels, height // fold, across // fold)
        self.encoder = encoder(channels, 2 * latent_channels, width, depth, halvings)
        self.decoder = decoder(channels, latent_channels, width, depth, halvings)
        self.register_buffer("scale", torch.ones(()))
        self.scale: Tensor

    def posterior(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the latents before scaling, each (n, *latent_shape)."""
        mean, log_variance = self.encoder(x).split(self.latent_shape[0], dim=1)
        return mean, log_variance.clamp(-30, 20)

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """The mean latents of unit variance, (n, *latent_shape)."""
        return self.posterior(x)[0] * self.scale

    def decode(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """Pictures of latents of unit variance."""
        return self.decoder(latents / self.scale).clamp(-1, 1)


class Reconstruction(Stage):
    """The squared error with a very small KL term; no perceptual and no adversarial loss."""

    name = "autoencoder"

    def __init__(self, coder: KLCoder, learning_rate: float, kl_weight: float, share: float = 1.0) -> None:
        self.coder = coder
        self.learning_rate = learning_rate
        self.kl_weight = kl_weight
        self.share = share

    def setup(self, training: Training) -> State:
        return State(optimizer=torch.optim.AdamW(self.coder.parameters(), lr=self.learning_rate, weight_decay=0.0))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        mean, log_variance = self.coder.posterior(batch.x)
        latents = mean + torch.randn_like(mean) * (log_variance / 2).exp()
        error = F.mse_loss(self.coder.decoder(latents), batch.x)
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).mean()
        warm = min(1.0, (training.stage_step + 1) / 50)
        rate = self.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * training.fraction)))
        training.update(error + self.kl_weight * divergence, state.optimizer, clip=1.0, lr=rate)
        self._measure_scale(mean.detach(), training.stage_step)
        return {"error": error.detach(), "kl": divergence.detach()}

    def _measure_scale(self, latents: Tensor, step: int) -> None:
        deviation = 1 / latents.float().square().mean().sqrt().clamp(min=1e-6)
        self.coder.scale.lerp_(deviation, max(1 - MOMENTUM, 1 / (step + 1)))

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        x = source.validation[:256]
        error = F.mse_loss(self.coder.decode(self.coder.encode(x)), x)
        return {"validation_psnr": float(psnr(error))}


def psnr(squared_error: Tensor) -> Tensor:
    """Peak signal to noise in dB of a mean squared error of numbers in [-1, 1]."""
    return 10 * torch.log10(4 / squared_error.clamp(min=1e-10))
