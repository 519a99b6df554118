"""KL autoencoder: pictures as small maps of latents that are only just a distribution, for latent models to learn on."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, Noise, Signature, StudioError
from studio.kit.generator import Generator, Score, require, sample_port
from studio.kit.one_step import OneStep
from studio.kit.sampler import Given, Sampler
from studio.kit.source import Batch, Source
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.kl_autoencoder import KLAutoencoderParams
from .latent_samplers import Decode, Encode, Reconstruct, Temperature
from .spatial import decoder, encoder

MOMENTUM = 0.9


class KLAutoencoder(Generator):
    """The autoencoder of latent diffusion, trained on squared error alone: no perceptual and no adversarial loss.

    What `encode` gives is scaled to unit variance over the training data, and `decode` takes that.

    Raises:
        StudioError: the sides of the picture cannot be halved as often as asked.

    Source: Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models, 2021,
    https://arxiv.org/abs/2112.10752
    """

    def __init__(self, signature: Signature, params: KLAutoencoderParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        require(signature.space, Image)
        channels, height, width = signature.space.shape
        fold = 2**params.halvings
        if height % fold or width % fold:
            raise StudioError(f"The sides of {height}x{width} cannot be halved {params.halvings} times; lower 'halvings'.")
        self.latent_shape = (params.latent_channels, height // fold, width // fold)
        self.encoder = encoder(channels, 2 * params.latent_channels, params.width, params.depth, params.halvings)
        self.decoder = decoder(channels, params.latent_channels, params.width, params.depth, params.halvings)
        self.register_buffer("scale", torch.ones(()))
        self.scale: Tensor

    def stages(self) -> Sequence[Stage]:
        return (Reconstruction(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Sample(self), "encode": Encode(self), "decode": Decode(self), "reconstruct": Reconstruct(self)}

    def scores(self) -> Mapping[str, Score]:
        return {"psnr": PeakSignalToNoise(self)}

    def label_ports(self) -> tuple[()]:
        """None: a reconstruction needs no class."""
        return ()

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
    """The squared error with a very small KL term."""

    def __init__(self, autoencoder: KLAutoencoder) -> None:
        self.autoencoder = autoencoder
        self.params = cast(KLAutoencoderParams, autoencoder.params)

    def setup(self, training: Training) -> State:
        rate = self.params.learning_rate
        return State(optimizer=torch.optim.AdamW(self.autoencoder.parameters(), lr=rate, weight_decay=0.0))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        mean, log_variance = self.autoencoder.posterior(batch.x)
        latents = mean + torch.randn_like(mean) * (log_variance / 2).exp()
        error = F.mse_loss(self.autoencoder.decoder(latents), batch.x)
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).mean()
        warm = min(1.0, (training.stage_step + 1) / 50)
        rate = self.params.learning_rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * training.fraction)))
        training.update(error + self.params.kl_weight * divergence, state.optimizer, clip=1.0, lr=rate)
        self._measure_scale(mean.detach(), training.stage_step)
        return {"error": error.detach(), "kl": divergence.detach()}

    def _measure_scale(self, latents: Tensor, step: int) -> None:
        deviation = 1 / latents.float().square().mean().sqrt().clamp(min=1e-6)
        self.autoencoder.scale.lerp_(deviation, max(1 - MOMENTUM, 1 / (step + 1)))

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        x = source.validation[:256]
        error = F.mse_loss(self.autoencoder.decode(self.autoencoder.encode(x)), x)
        return {"validation_psnr": float(psnr(error))}


def psnr(squared_error: Tensor) -> Tensor:
    """Peak signal to noise in dB of a mean squared error of numbers in [-1, 1]."""
    return 10 * torch.log10(4 / squared_error.clamp(min=1e-10))


class PeakSignalToNoise(Score):
    """How exactly a picture is reconstructed, in dB."""

    unit = "dB"

    def __init__(self, autoencoder: KLAutoencoder) -> None:
        self.autoencoder = autoencoder
        self.inputs = (sample_port(autoencoder.space),)

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        again = self.autoencoder.decode(self.autoencoder.encode(sample))
        return psnr((again - sample).square().flatten(1).mean(1))


class Sample(OneStep):
    """Decodes noise of the latents' spread. Neighbours are drawn independently, so it is a texture, not a picture."""

    Controls = Temperature

    def __init__(self, autoencoder: KLAutoencoder) -> None:
        super().__init__(sample_port(autoencoder.space), (), Noise(shape=autoencoder.latent_shape))
        self.autoencoder = autoencoder

    def make(self, noise: Tensor, given: Given) -> Tensor:
        return self.autoencoder.decode(given["temperature"] * noise)
