"""A decoder-only transformer with a static key-value cache, in the form of GPT-2."""

import math
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Cache = list[tuple[Tensor, Tensor]]
"""Keys and values of each layer, (n, heads, context, width of a head)."""


class CausalAttention(nn.Module):
    """Multi-head attention where a position sees itself and those before it."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)

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

    def step(self, x: Tensor, keys: Tensor, values: Tensor, here: Tensor, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One token (n, 1, width) with a cache; `here` marks its place, `seen` the places it may look at, both (context,)."""
        q, k, v = self.split(x)
        keys = torch.where(here[:, None], k, keys)
        values = torch.where(here[:, None], v, values)
        return self.merge(F.scaled_dot_product_attention(q, keys, values, attn_mask=seen[None])), keys, values


class Block(nn.Module):
    """Attention and a GELU perceptron of four times the width, each behind a layer norm and a residual."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(width, bias=False)
        self.attention = CausalAttention(width, heads, dropout)
        self.norm2 = nn.LayerNorm(width, bias=False)
        self.up = nn.Linear(width, 4 * width, bias=False)
        self.down = nn.Linear(4 * width, width, bias=False)
        self.drop = nn.Dropout(dropout)

    def perceive(self, x: Tensor) -> Tensor:
        """The perceptron's residual."""
        return x + self.drop(self.down(F.gelu(self.up(self.norm2(x)))))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mixed, k, v = self.attention(self.norm1(x))
        return self.perceive(x + self.drop(mixed)), k, v

    def step(self, x: Tensor, keys: Tensor, values: Tensor, here: Tensor, seen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One token with this layer's cache."""
        mixed, keys, values = self.attention.step(self.norm1(x), keys, values, here, seen)
        return self.perceive(x + mixed), keys, values


class DecoderTransformer(nn.Module):
    """Tokens (n, t) -> logits (n, t, vocab_size), with learned positions and tied embeddings.

    Source: Radford et al., Language Models are Unsupervised Multitask Learners (GPT-2), 2019,
    https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf
    """

    def __init__(self, vocab_size: int, context: int, width: int, layers: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.context = context
        self.tokens = nn.Embedding(vocab_size, width)
        self.positions = nn.Embedding(context, width)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(Block(width, heads, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(width, bias=False)
        self.apply(_initialise)
        for name, weight in self.named_parameters():
            if name.endswith(("out.weight", "down.weight")):
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * layers))

    def logits(self, x: Tensor) -> Tensor:
        """The last layer, which shares its weights with the token embedding."""
        return F.linear(self.norm(x), self.tokens.weight)

    def forward(self, tokens: Tensor) -> Tensor:
        return self.prefill(tokens)[0]

    def prefill(self, tokens: Tensor) -> tuple[Tensor, Cache]:
        """Logits (n, t, vocab_size) and the cache of these t tokens, filled with zeros up to `context`."""
        places = torch.arange(tokens.shape[1], device=tokens.device)
        x = self.drop(self.tokens(tokens) + self.positions(places))
        cache: Cache = []
        for block in self.blocks:
            x, k, v = block(x)
            cache.append((self._pad(k), self._pad(v)))
        return self.logits(x), cache

    def _pad(self, cache: Tensor) -> Tensor:
        n, heads, t, width = cache.shape
        return torch.cat([cache, cache.new_zeros(n, heads, self.context - t, width)], dim=2)

    def step(self, token: Tensor, position: Tensor, cache: Cache) -> tuple[Tensor, Cache]:
        """Logits (n, vocab_size) after one more token (n,) at `position` (scalar), and the cache with it."""
        places = torch.arange(self.context, device=token.device)
        here, seen = places == position, places <= position
        x = (self.tokens(token) + self.positions(position))[:, None]
        updated: Cache = []
        for block, (keys, values) in zip(self.blocks, cache, strict=True):
            x, *pair = cast("Block", block).step(x, keys, values, here, seen)
            updated.append((pair[0], pair[1]))
        return self.logits(x)[:, 0], updated


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
