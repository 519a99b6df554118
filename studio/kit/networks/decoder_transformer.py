"""A decoder-only transformer with a static key-value cache, in the form of GPT-2."""

import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api.errors import StudioError
from studio.kit.decoder import Cache, Decoder


class CausalAttention(nn.Module):
    """Multi-head attention where a position sees itself and those before it."""

    def __init__(self, width: int, heads: int, dropout: float, bias: bool) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(width, 3 * width, bias=bias)
        self.out = nn.Linear(width, width, bias=bias)

    def split(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, t, width) -> queries, keys and values, each (n, heads, t, width / heads)."""
        q, k, v = self.qkv(x).unflatten(2, (3, self.heads, -1)).unbind(2)
        return q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)

    def merge(self, x: Tensor) -> Tensor:
        """(n, heads, t, width / heads) -> (n, t, width)"""
        return self.out(x.transpose(1, 2).flatten(2))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q, k, v = self.split(x)
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True, dropout_p=self.dropout if self.training else 0.0)
        return self.merge(mixed), k, v

    def step(self, x: Tensor, keys: Tensor, values: Tensor, place: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One token (n, 1, width) with a cache; `place` and `bias` as for `written` and `attend`."""
        width = x.shape[2]
        q, k, v = (part.view(-1, self.heads, 1, width // self.heads) for part in self.qkv(x).split(width, dim=2))
        keys, values = written(keys, k, place), written(values, v, place)
        return self.out(attend(q, keys, values, bias).view(-1, 1, width)), keys, values


class Block(nn.Module):
    """Attention and a GELU perceptron of four times the width, each behind a layer norm and a residual."""

    def __init__(self, width: int, heads: int, dropout: float, bias: bool) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, bias=bias)
        self.attention = CausalAttention(width, heads, dropout, bias)
        self.norm2 = nn.LayerNorm(width, bias=bias)
        self.up = nn.Linear(width, 4 * width, bias=bias)
        self.down = nn.Linear(4 * width, width, bias=bias)
        self.drop = nn.Dropout(dropout)
        self.gelu = nn.GELU("tanh" if bias else "none")

    def perceive(self, x: Tensor) -> Tensor:
        """The perceptron's residual."""
        return x + self.drop(self.down(self.gelu(self.up(self.norm2(x)))))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mixed, k, v = self.attention(self.norm1(x))
        return self.perceive(x + self.drop(mixed)), k, v

    def step(self, x: Tensor, keys: Tensor, values: Tensor, place: Tensor, bias: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One token with this layer's cache."""
        mixed, keys, values = self.attention.step(self.norm1(x), keys, values, place, bias)
        return self.perceive(x + mixed), keys, values


class DecoderTransformer(Decoder):
    """GPT-2's network, with learned positions and embeddings that are tied to the last layer.

    The cache is "keys0", "values0", "keys1" ... of each layer, (n, heads, context, width of a head).

    Args:
        starts: symbols beyond `vocab_size` that may stand first.
        bias: as published, with biases and the approximate GELU.

    Source: Radford et al., Language Models are Unsupervised Multitask Learners (GPT-2), 2019,
    https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf
    """

    def __init__(
        self, vocab_size: int, context: int, width: int, layers: int, heads: int, dropout: float = 0.0, starts: int = 0,
        bias: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        if width % heads:
            raise StudioError(f"'width' must be a multiple of 'heads': {width} is not one of {heads}.")
        self.vocab_size = vocab_size
        self.context = context
        self.tokens = nn.Embedding(vocab_size + starts, width)
        self.positions = nn.Embedding(context, width)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(width, heads, dropout, bias) for _ in range(layers))
        self.norm = nn.LayerNorm(width, bias=bias)
        self.apply(_initialise)
        for name, weight in self.named_parameters():
            if name.endswith(("out.weight", "down.weight")):
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * layers))

    def embed(self, tokens: Tensor) -> Tensor:
        """(n, t) -> (n, t, width)"""
        places = torch.arange(tokens.shape[1], device=tokens.device)
        return self.drop(self.tokens(tokens) + self.positions(places))

    def logits(self, x: Tensor) -> Tensor:
        """The last layer, which shares its weights with the token embedding."""
        return F.linear(self.norm(x), self.tokens.weight[: self.vocab_size])

    def features(self, tokens: Tensor, layers: int) -> Tensor:
        """What the first so many blocks make of tokens (n, t): (n, t, width)."""
        x = self.embed(tokens)
        for block in self.blocks[:layers]:
            x = block(x)[0]
        return x

    def forward(self, tokens: Tensor) -> Tensor:
        return self.logits(self.features(tokens, len(self.blocks)))

    def prefill(self, tokens: Tensor) -> tuple[Tensor, Cache]:
        x = self.embed(tokens)
        cache: Cache = {}
        for layer, block in enumerate(self.blocks):
            x, k, v = block(x)
            cache |= {f"keys{layer}": padded(k, self.context), f"values{layer}": padded(v, self.context)}
        return self.logits(x), cache

    def step(self, token: Tensor, position: Tensor, cache: Cache) -> tuple[Tensor, Cache]:
        place, bias = position.expand_as(cache["keys0"][:, :, :1]), bias_after(position, self.context)
        x = (self.tokens(token) + self.positions(position))[:, None]
        updated: Cache = {}
        for layer, block in enumerate(self.blocks):
            x, keys, values = cast("Block", block).step(x, cache[f"keys{layer}"], cache[f"values{layer}"], place, bias)
            updated |= {f"keys{layer}": keys, f"values{layer}": values}
        return self.logits(x)[:, 0], updated


def padded(cache: Tensor, context: int) -> Tensor:
    """Keys or values (n, heads, t, d) with zeros behind: (n, heads, context, d)."""
    n, heads, t, width = cache.shape
    return torch.cat([cache, cache.new_zeros(n, heads, context - t, width)], dim=2)


def written(cache: Tensor, new: Tensor, place: Tensor) -> Tensor:
    """A cache (n, heads, context, d) with one more row `new` (n, heads, 1, d); `place` holds its position, in the same shape."""
    return cache.scatter(2, place, new)


def bias_after(position: Tensor, context: int) -> Tensor:
    """What is added to the scores of one token: 0 up to its position, minus infinity behind: (context,)."""
    return torch.where(torch.arange(context, device=position.device) <= position, 0.0, -math.inf)


def attend(q: Tensor, keys: Tensor, values: Tensor, bias: Tensor) -> Tensor:
    """Queries (n, heads, t, d) on a cache (n, heads, context, d), like q; in plain operations, of which a graph has fewer."""
    scores = (q * q.shape[3] ** -0.5) @ keys.transpose(2, 3) + bias
    return scores.softmax(3) @ values


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear) and module.bias is not None:  # pyright: ignore[reportUnnecessaryComparison]
        nn.init.zeros_(module.bias)
