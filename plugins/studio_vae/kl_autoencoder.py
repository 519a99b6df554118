"""KL autoencoder: pictures as small maps of latents that are only just a distribution, for latent models to learn on."""

from collections.abc import Mapping, Sequence
from typing import cast

from torch import Tensor, nn

from studio.api import Image, Noise, Signature
from studio.kit.generator import Generator, Score, require, sample_port
from studio.kit.kl_coder import KLCoder, Reconstruction, psnr
from studio.kit.latent_samplers import Decode, Encode, Reconstruct, Temperature
from studio.kit.one_step import OneStep
from studio.kit.sampler import Given, Sampler
from studio.kit.stage import Stage

from .cards.kl_autoencoder import KLAutoencoderParams


class KLAutoencoder(Generator):
    """The autoencoder of latent diffusion (`studio.kit.kl_coder`) as a model of its own.

    Source: Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models, 2021,
    https://arxiv.org/abs/2112.10752
    """

    def __init__(self, signature: Signature, params: KLAutoencoderParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        require(signature.space, Image)
        space = cast(Image, signature.space)
        self.coder = KLCoder(space, params.latent_channels, params.width, params.depth, params.halvings)

    def stages(self) -> Sequence[Stage]:
        params = cast(KLAutoencoderParams, self.params)
        return (Reconstruction(self.coder, params.learning_rate, params.kl_weight),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Sample(self), "encode": Encode(self), "decode": Decode(self), "reconstruct": Reconstruct(self)}

    def scores(self) -> Mapping[str, Score]:
        return {"psnr": PeakSignalToNoise(self)}

    def label_ports(self) -> tuple[()]:
        """None: a reconstruction needs no class."""
        return ()

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """(latent_channels, height, width)"""
        return self.coder.latent_shape

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """The mean latents of unit variance, (n, *latent_shape)."""
        return self.coder.encode(x)

    def decode(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """Pictures of latents of unit variance."""
        return self.coder.decode(latents)


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
