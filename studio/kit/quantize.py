"""Vectors as entries of a finite list, which makes a picture a sequence of symbols: a learned codebook, or a fixed grid."""

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.kit.sequence import Tokenizer, nearest

DEAD = 0.1
"""A code is dead where it is chosen less often than this share of what all codes are on average."""


@runtime_checkable
class TokenizerModel(Protocol):
    """A trained model whose tokens others may learn: what a card promises with `provides=("tokenizer",)`."""

    @property
    def tokenizer(self) -> Tokenizer: ...


class Quantized(NamedTuple):
    """What became of a map of vectors.

    Attributes:
        values: the codes' vectors (n, width, h, w); what comes after them teaches what came before through them.
        tokens: the codes (n, h, w), int64.
        loss: a scalar to be added to the loss of what the vectors are for.
    """

    values: Tensor
    tokens: Tensor
    loss: Tensor


class Quantizer(nn.Module):
    """Base of the ways to round vectors.

    Attributes:
        codes: how many different vectors there are.
        width: numbers in a vector.
    """

    codes: int
    width: int

    def forward(self, z: Tensor) -> Quantized:
        """Round a map of vectors (n, width, h, w) in training."""
        raise NotImplementedError

    def tokens(self, z: Tensor) -> Tensor:
        """The codes (n, h, w), int64, of a map of vectors (n, width, h, w)."""
        raise NotImplementedError

    def values(self, tokens: Tensor) -> Tensor:
        """The vectors (n, width, h, w) of codes (n, h, w)."""
        raise NotImplementedError

    def snap(self, values: Tensor) -> Tensor:
        """For any vectors (n, width, h, w) the nearest ones that codes have."""
        raise NotImplementedError

    def learn(self, z: Tensor) -> None:
        """Fit the codes to vectors (n, width, h, w) that were just rounded in training."""


class VectorQuantizer(Quantizer):
    """Each vector becomes the nearest of a codebook, whose entries are running means of the vectors that chose them.

    An entry that hardly any vector chooses is put where one of the latest vectors is; so the codebook begins, too.

    Args:
        codes: entries of the codebook.
        width: numbers in a vector.
        commitment: weight of the squared distance that vectors keep from their entry.
        decay: share of the old means kept at each step.

    Source: van den Oord et al., Neural Discrete Representation Learning, 2017, appendix A.1, https://arxiv.org/abs/1711.00937;
    revival as in Dhariwal et al., Jukebox, 2020, https://arxiv.org/abs/2005.00341
    """

    def __init__(self, codes: int, width: int, commitment: float = 0.25, decay: float = 0.99) -> None:
        super().__init__()
        self.codes = codes
        self.width = width
        self.commitment = commitment
        self.decay = decay
        self.register_buffer("codebook", torch.randn(codes, width))
        self.register_buffer("sizes", torch.zeros(codes))
        self.register_buffer("sums", torch.zeros(codes, width))
        self.codebook: Tensor
        self.sizes: Tensor
        self.sums: Tensor

    def forward(self, z: Tensor) -> Quantized:
        with torch.autocast(z.device.type, enabled=False):
            tokens = self.tokens(z.float())
        values = self.values(tokens)
        return Quantized(z + (values - z).detach(), tokens, self.commitment * F.mse_loss(z, values))

    def tokens(self, z: Tensor) -> Tensor:
        return nearest(z.movedim(1, -1), self.codebook)

    def values(self, tokens: Tensor) -> Tensor:
        return self.codebook[tokens].movedim(-1, 1)

    def snap(self, values: Tensor) -> Tensor:
        return self.values(self.tokens(values))

    @torch.no_grad()
    def learn(self, z: Tensor) -> None:
        points = z.float().movedim(1, -1).reshape(-1, self.width)
        with torch.autocast(z.device.type, enabled=False):
            owners = nearest(points, self.codebook)
        counts = torch.bincount(owners, minlength=self.codes).float()
        self.sizes.lerp_(counts, 1 - self.decay)
        self.sums.lerp_(torch.zeros_like(self.sums).index_add_(0, owners, points), 1 - self.decay)
        self._revive(points)
        self.codebook.copy_(self.sums / self.sizes[:, None])

    def _revive(self, points: Tensor) -> None:
        even = len(points) / self.codes
        dead = self.sizes < DEAD * even
        chosen = points[torch.randint(len(points), (self.codes,), device=points.device)]
        self.sizes.masked_fill_(dead, even)
        self.sums.copy_(torch.where(dead[:, None], even * chosen, self.sums))


class FiniteScalarQuantizer(Quantizer):
    """Each number of a vector is squashed and rounded to one of a few levels; the codes are all their combinations.

    Args:
        levels: of each number, at least 3; the paper advises at least 5.

    Source: Mentzer et al., Finite Scalar Quantization: VQ-VAE Made Simple, 2023, https://arxiv.org/abs/2309.15505
    """

    def __init__(self, levels: Sequence[int]) -> None:
        super().__init__()
        self.codes = math.prod(levels)
        self.width = len(levels)
        counts = torch.tensor(levels)
        self.register_buffer("counts", counts[:, None, None], persistent=False)
        self.register_buffer("radix", counts.cumprod(0)[:, None, None] // self.counts, persistent=False)
        self.counts: Tensor
        self.radix: Tensor

    @property
    def middle(self) -> Tensor:
        """The level (width, 1, 1) of each number that stands for 0."""
        return self.counts // 2

    def bounded(self, z: Tensor) -> Tensor:
        """Vectors between the lowest and the highest level, counted from the middle one; 0 stays 0."""
        reach = (self.counts - 1) * (1 - 1e-3) / 2
        beside = torch.where(self.counts % 2 == 0, 0.5, 0.0)
        return (z + torch.atanh(beside / reach)).tanh() * reach - beside

    def forward(self, z: Tensor) -> Quantized:
        exact = self.bounded(z.float())
        rounded = exact + (exact.round() - exact).detach()
        return Quantized(rounded / self.middle, self._number(rounded.detach()), z.new_zeros(()))

    def tokens(self, z: Tensor) -> Tensor:
        return self._number(self.bounded(z))

    def values(self, tokens: Tensor) -> Tensor:
        levels = tokens[:, None] // self.radix % self.counts
        return (levels - self.middle) / self.middle

    def snap(self, values: Tensor) -> Tensor:
        levels = (values * self.middle).round() + self.middle
        return (torch.minimum(levels.clamp(min=0), self.counts - 1) - self.middle) / self.middle

    def _number(self, levels: Tensor) -> Tensor:
        return ((levels.round().long() + self.middle) * self.radix).sum(1)


def shares(tokens: Tensor, codes: int) -> Tensor:
    """How often each code (codes,) occurs among tokens of any shape, as a share of them."""
    return torch.bincount(tokens.flatten(), minlength=codes) / tokens.numel()


def used(tokens: Tensor, codes: int) -> float:
    """The share of the codes that occur among tokens of any shape."""
    return float((shares(tokens, codes) > 0).float().mean())


def entropy(tokens: Tensor, codes: int) -> float:
    """Of the codes' frequencies among tokens, in nats: what each token costs whoever knows no more; its exp is the perplexity."""
    return float(torch.special.entr(shares(tokens, codes)).sum())
