"""Latent diffusion: an autoencoder, a text encoder, and a denoiser of latents that looks at the words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import torch
from torch import Tensor, nn

from studio.api import Image, Signature, StudioError, Tokens
from studio.api.words import PADDING
from studio.kit.autoencoder import Autoencoder
from studio.kit.ema import EMA
from studio.kit.generator import require
from studio.kit.kl_coder import KLCoder, Reconstruction
from studio.kit.networks.text_encoder import TextEncoder
from studio.kit.solvers import Level
from studio.kit.source import Batch, Source
from studio.kit.stage import Batches, Stage
from studio.kit.training import Training

from .cards.latent_diffusion import LatentDiffusionParams
from .diffusion import Denoising
from .from_words import FromWords
from .text_unet import TextUNet

HEADS = 4
AT_ONCE, HELD_OUT = 128, 256


class Illustrator(nn.Module):
    """Text encoder and denoiser, which learn together."""

    def __init__(self, words: Tokens, channels: int, side: int, params: LatentDiffusionParams) -> None:
        super().__init__()
        self.text = TextEncoder(words.vocab_size, words.length, params.text_width, params.text_layers, HEADS)
        widths = [params.width, 2 * params.width] if side % 2 == 0 and side >= 8 else [params.width]
        self.denoiser = TextUNet(channels, widths, params.depth, params.text_width)

    def forward(self, x: Tensor, time: Tensor, words: Tensor) -> Tensor:
        """Latents (n, c, h, w) at times (n,), words (n, t) -> like the latents."""
        return self.denoiser(x, time, self.text(words))


class LatentDiffusion(FromWords):
    """The design of Stable Diffusion at the size of the data.

    Where no trained autoencoder is given, the first stage trains one (`studio.kit.kl_coder`); the second trains text encoder
    and denoiser on its latents, with some captions left out for guidance.

    Raises:
        StudioError: the data has no words, or the given autoencoder's latents are no map.

    Source: Rombach et al., High-Resolution Image Synthesis with Latent Diffusion Models, 2021,
    https://arxiv.org/abs/2112.10752
    """

    guidance = 4.0

    def __init__(
        self, signature: Signature, params: LatentDiffusionParams, inputs: Mapping[str, nn.Module] | None = None
    ) -> None:
        super().__init__(signature, params, inputs, params)
        require(signature.space, Image)
        if signature.words is None:
            raise StudioError(
                "This method learns from captions, and the data has none. Choose data with captions or classes, or a folder "
                "with a text file beside each picture."
            )
        self.words = signature.words
        if self._given is None:
            space = cast(Image, signature.space)
            self.coder = KLCoder(
                space, params.latent_channels, params.autoencoder_width, params.autoencoder_depth, params.halvings
            )
        if len(self.latent_shape) != 3:
            raise StudioError("The latents of this autoencoder are no map of places. Choose a KL autoencoder.")
        channels, *sides = self.latent_shape
        self.network = Illustrator(self.words, channels, min(sides), params)
        self.average = EMA(self.network, params.ema)

    @property
    def _given(self) -> Autoencoder | None:
        return cast("Autoencoder | None", self.inputs.get("autoencoder"))

    @property
    def _autoencoder(self) -> Autoencoder:
        return self._given or self.coder

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """(channels, height, width)"""
        return self._autoencoder.latent_shape

    @property
    def conditioning_shape(self) -> tuple[int, int]:
        """(words, text_width)"""
        return self.words.length, cast(LatentDiffusionParams, self.params).text_width

    @property
    def silence(self) -> Tensor:
        """Padding alone."""
        return torch.full((self.words.length,), PADDING, device=self.alphas.device)

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Latents (n, *latent_shape) of about unit variance."""
        return self._autoencoder.encode(x)

    def decode(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """Pictures of latents."""
        return self._autoencoder.decode(latents)

    def read(self, words: Tensor) -> Tensor:
        """What the averaged text encoder makes of words (n, t): (n, t, text_width)."""
        return cast(Illustrator, self.average.network).text(words)

    def clean(self, x: Tensor, level: Level, condition: Tensor | None) -> Tensor:
        """As in the base, of latents; the condition is what `read` gives."""
        assert condition is not None
        denoiser = cast(Illustrator, self.average.network).denoiser
        return self.unmixed(denoiser(x, level.time.expand(x.shape[0]), condition), x, level)

    def loss(self, batch: Batch) -> Tensor:
        """The simplified loss on latents (n, *latent_shape) with words (n, t)."""
        words = self.some_left_out(batch)
        return self.error(lambda noisy, time: self.network(noisy, time, words), batch.x)

    def some_left_out(self, batch: Batch) -> Tensor:
        """The words of a batch, some rows of them without any."""
        assert batch.words is not None
        dropout = cast(LatentDiffusionParams, self.params).caption_dropout
        silent = torch.rand(len(batch.x), 1, device=batch.x.device) < dropout
        return torch.where(silent, PADDING, batch.words)

    def stages(self) -> Sequence[Stage]:
        params = cast(LatentDiffusionParams, self.params)
        share = params.autoencoder_share
        denoising = LatentDenoising(self, 1 - share)
        if self._given is not None:
            return (denoising,)
        return (Reconstruction(self.coder, params.autoencoder_rate, params.kl_weight, share), denoising)


class LatentDenoising(Denoising):
    """Learning to undo noise in latents, which the frozen autoencoder makes once."""

    name = "denoiser"

    def __init__(self, model: LatentDiffusion, share: float) -> None:
        super().__init__(model)
        self.latent = model
        self.share = share

    def data(self, source: Source) -> Batches:
        return self.encoded(source).batches()

    def encoded(self, source: Source) -> Source:
        """The same data with latents for pictures."""
        dataset = replace(source.dataset, train=self._encode(source.train), validation=self._encode(source.validation))
        return Source(dataset, source.size, source.seed, source.device)

    def _encode(self, pictures: Tensor) -> Any:
        with torch.no_grad():
            return torch.cat([self.latent.encode(part).cpu() for part in pictures.split(AT_ONCE)]).numpy()

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        """The loss of held-out pictures with their captions, at timesteps and with noise that are always the same."""
        if source.validation_words is None:
            return {}
        model, words = self.latent, source.validation_words[:HELD_OUT]
        x = model.encode(source.validation[:HELD_OUT])
        t = torch.linspace(0, model.timesteps - 1, len(x), device=x.device).long()
        noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(0)).to(x.device)
        error = model.error_at(t, noise, lambda noisy, time: model.average(noisy, time, words), x)
        return {"validation_loss": float(error)}
