"""Samples as sequences of tokens, and back: what lets a model of the next token model pictures."""

import math

import torch
from torch import Tensor, nn

from studio.api.errors import StudioError
from studio.api.space import Image, Space

MOST_LEVELS = 256
FITTED_ON = 16_384
ROUNDS = 20


class Tokenizer(nn.Module):
    """Base of the ways to read a sample as tokens.

    Attributes:
        vocab_size: number of symbols.
        length: tokens of a sample.
        exact: whether decoding gives back what was encoded, so that a probability of the tokens is one of the sample.
    """

    vocab_size: int
    length: int
    exact: bool = True

    def fit(self, samples: Tensor) -> None:
        """Learn from training samples (N, *space.shape), once; what is learned lies in buffers."""

    def encode(self, x: Tensor) -> Tensor:
        """(n, *space.shape) -> (n, length), int64"""
        raise NotImplementedError

    def decode(self, tokens: Tensor) -> Tensor:
        """(n, length) -> (n, *space.shape); -1, not yet written, becomes something neutral."""
        raise NotImplementedError


class Levels(Tokenizer):
    """Pixels in raster order, the channels of a pixel one after the other; a token is the level of one number."""

    def __init__(self, space: Image) -> None:
        super().__init__()
        self.shape = space.shape
        self.vocab_size = space.levels
        self.length = math.prod(space.shape)

    def encode(self, x: Tensor) -> Tensor:
        highest = self.vocab_size - 1
        return ((x + 1) * (highest / 2)).round().clamp(0, highest).long().movedim(1, -1).flatten(1)

    def decode(self, tokens: Tensor) -> Tensor:
        channels, height, width = self.shape
        levels = torch.where(tokens < 0, 0.0, tokens * (2 / (self.vocab_size - 1)) - 1)
        return levels.unflatten(1, (height, width, channels)).movedim(-1, 1)


class Palette(Tokenizer):
    """Pixels in raster order; a token is the nearest of a palette's colours, which are the means of clusters of real pixels.

    Args:
        colours: how many.

    Source: Chen et al., Generative Pretraining from Pixels (ImageGPT), 2020, https://proceedings.mlr.press/v119/chen20s.html
    """

    exact = False

    def __init__(self, space: Image, colours: int) -> None:
        super().__init__()
        self.shape = space.shape
        self.vocab_size = colours
        self.length = space.height * space.width
        greys = torch.linspace(-1, 1, colours)[:, None].expand(-1, space.channels)
        self.register_buffer("colours", greys.clone())
        self.register_buffer("fitted", torch.tensor(False))
        self.colours: Tensor
        self.fitted: Tensor

    def fit(self, samples: Tensor) -> None:
        if not self.fitted:
            pixels = samples.movedim(1, -1).reshape(-1, self.shape[0])
            self.colours.copy_(cluster(pixels[spread(len(pixels), FITTED_ON).to(pixels.device)], self.vocab_size))
            self.fitted.fill_(True)

    def encode(self, x: Tensor) -> Tensor:
        return nearest(x.flatten(2).transpose(1, 2), self.colours)

    def decode(self, tokens: Tensor) -> Tensor:
        pixels = self.colours[tokens.clamp(min=0)]
        shown = torch.where(tokens[..., None] < 0, 0.0, pixels)
        return shown.transpose(1, 2).unflatten(2, self.shape[1:])


def tokenizer_for(space: Space, colours: int) -> Tokenizer:
    """Levels for grey pictures of at most 256 of them, a palette of `colours` otherwise; StudioError for what is no picture."""
    if not isinstance(space, Image):
        raise StudioError(f"This method reads pictures as sequences, not {space.kind}; choose another dataset or method.")
    return Levels(space) if space.channels == 1 and space.levels <= MOST_LEVELS else Palette(space, colours)


def start(vocab_size: int, labels: Tensor) -> Tensor:
    """The tokens (n, 1) that sequences of these classes (n,) begin with; see `studio.kit.decoder`."""
    return vocab_size + labels[:, None]


def spread(total: int, most: int) -> Tensor:
    """At most `most` different indices below `total`, the same at every call."""
    return torch.randperm(total, generator=torch.Generator().manual_seed(0))[:most]


def nearest(points: Tensor, centres: Tensor) -> Tensor:
    """Index of the centre (k, d) nearest to each point (..., d): (...), int64."""
    return ((centres**2).sum(1) - 2 * points @ centres.T).argmin(-1)


def cluster(points: Tensor, count: int) -> Tensor:
    """Centres (count, d) of points (N, d) by Lloyd's algorithm, from different points; a centre without points stays.

    Source: Lloyd, Least squares quantization in PCM, 1982, https://doi.org/10.1109/TIT.1982.1056489
    """
    distinct = points.unique(dim=0)
    chosen = spread(len(distinct), count).to(points.device)
    centres = distinct[chosen.repeat(-(-count // len(chosen)))[:count]]
    for _ in range(ROUNDS):
        owners = nearest(points, centres)
        sizes = torch.bincount(owners, minlength=count)[:, None]
        sums = torch.zeros_like(centres).index_add_(0, owners, points)
        centres = torch.where(sizes > 0, sums / sizes.clamp(min=1), centres)
    return centres
