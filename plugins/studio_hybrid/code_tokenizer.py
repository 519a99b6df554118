"""Pictures as maps of codes and back: an autoencoder with a quantiser in its middle."""

import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api import Image, Port, StudioError
from studio.kit.networks.spatial import decoder, encoder
from studio.kit.quantize import FiniteScalarQuantizer, Quantizer, VectorQuantizer
from studio.kit.sequence import Tokenizer

from .cards.two_stages import TwoStageParams

FEWEST, MOST_CODES = 3, 65536


class CodeTokenizer(Tokenizer):
    """Reads a picture as codes in raster order; a picture of codes not yet written is grey there.

    Raises:
        StudioError: the sides cannot be halved as often as asked, or the levels are no list of numbers.
    """

    exact = False

    def __init__(self, space: Image, params: TwoStageParams) -> None:
        super().__init__()
        channels, height, across = space.shape
        fold = 2**params.halvings
        if height % fold or across % fold:
            raise StudioError(f"The sides of {height}x{across} cannot be halved {params.halvings} times; lower 'halvings'.")
        self.places = (height // fold, across // fold)
        self.fold = fold
        self.quantizer = quantizer(params)
        self.vocab_size = self.quantizer.codes
        self.length = self.places[0] * self.places[1]
        self.encoder = encoder(channels, self.quantizer.width, params.width, params.depth, params.halvings)
        self.decoder = decoder(channels, self.quantizer.width, params.width, params.depth, params.halvings)

    def encode(self, x: Tensor) -> Tensor:
        return self.quantizer.tokens(self.encoder(x)).flatten(1)

    def decode(self, tokens: Tensor) -> Tensor:
        codes = tokens.unflatten(1, self.places)
        written = (codes >= 0)[:, None].float()
        values = written * self.quantizer.values(codes.clamp(min=0))
        return F.interpolate(written, scale_factor=float(self.fold)) * self.paint(values)

    def paint(self, values: Tensor) -> Tensor:
        """Pictures of maps of vectors (n, width, h, w)."""
        return self.decoder(values).clamp(-1, 1)


def quantizer(params: TwoStageParams) -> Quantizer:
    """The quantiser that parameters ask for."""
    if params.quantizer == "vq":
        return VectorQuantizer(params.codes, params.code_width, params.commitment, params.decay)
    return FiniteScalarQuantizer(levels(params.levels))


def levels(text: str) -> list[int]:
    """The numbers in "8,5,5,5"; StudioError where they are not at least 3 or make more codes than can be learned."""
    parts = [part.strip() for part in text.split(",")]
    numbers = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 6]
    if len(numbers) < len(parts) or min(numbers) < FEWEST or torch.tensor(numbers).double().prod() > MOST_CODES:
        raise StudioError(
            f"'levels' must be whole numbers from {FEWEST} on with commas between, whose product is at most {MOST_CODES}, "
            f"such as 8,5,5,5; not {text!r}."
        )
    return numbers


class CodeVectors:
    """A tokenizer as an autoencoder whose latents are maps of code vectors; any vector decodes as the nearest code's."""

    classes = 0

    def __init__(self, tokenizer: CodeTokenizer, space: Image) -> None:
        self.tokenizer = tokenizer
        self.space = space

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """(width, height, width of the map)"""
        return (self.tokenizer.quantizer.width, *self.tokenizer.places)

    def label_ports(self) -> tuple[Port, ...]:
        """None: codes need no class."""
        return ()

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """The vectors (n, *latent_shape) of the codes of pictures."""
        return self.tokenizer.quantizer.values(self.tokenizer.encode(x).unflatten(1, self.tokenizer.places))

    def decode(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """Pictures of vectors (n, *latent_shape)."""
        return self.tokenizer.paint(self.tokenizer.quantizer.snap(latents))
