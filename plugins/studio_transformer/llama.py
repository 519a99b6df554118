"""LLaMA: the decoder that most open language models have, with weights from elsewhere."""

import math
from collections.abc import Mapping
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import StudioError
from studio.kit.decoder import Cache, Decoder
from studio.kit.networks.decoder_transformer import padded

from .language_model_folder import Shape
from .rotary import BASE, Rotary, spread


class RootMeanSquare(nn.Module):
    """Divides vectors by their root mean square and scales each number.

    Source: Zhang and Sennrich, Root Mean Square Layer Normalization, 2019, https://arxiv.org/abs/1910.07467
    """

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon) * self.weight


class LlamaBlock(nn.Module):
    """Attention whose keys and values serve a group of query heads each, then SwiGLU, both behind a norm and a residual.

    Source of grouped queries: Ainslie et al., GQA, 2023, https://arxiv.org/abs/2305.13245
    """

    def __init__(self, shape: Shape, rotary: Rotary) -> None:
        super().__init__()
        self.heads, self.shared, self.head = shape.heads, shape.shared_heads, shape.head
        self.rotary = rotary
        self.norm1 = RootMeanSquare(shape.width, shape.epsilon)
        self.queries = nn.Linear(shape.width, self.heads * self.head, bias=shape.bias_in)
        self.keys = nn.Linear(shape.width, self.shared * self.head, bias=shape.bias_in)
        self.values = nn.Linear(shape.width, self.shared * self.head, bias=shape.bias_in)
        self.out = nn.Linear(self.heads * self.head, shape.width, bias=shape.bias_out)
        self.norm2 = RootMeanSquare(shape.width, shape.epsilon)
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def split(self, x: Tensor, places: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, t, width) -> queries (n, heads, t, head), keys and values (n, shared_heads, t, head)."""
        normed = self.norm1(x)
        q, k, v = (read(normed).unflatten(2, (-1, self.head)).transpose(1, 2) for read in (self.queries, self.keys, self.values))
        return self.rotary(q, places), self.rotary(k, places), v

    def merge(self, x: Tensor, mixed: Tensor) -> Tensor:
        """The residual after attention (n, heads, t, head), and after the perceptron."""
        x = x + self.out(mixed.transpose(1, 2).flatten(2))
        normed = self.norm2(x)
        return x + self.down(F.silu(self.gate(normed)) * self.up(normed))

    def forward(self, x: Tensor, places: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q, k, v = self.split(x, places)
        each = (-1, -1, self.heads // self.shared, -1, -1)
        keys, values = (shared[:, :, None].expand(each).flatten(1, 2) for shared in (k, v))
        return self.merge(x, F.scaled_dot_product_attention(q, keys, values, is_causal=True)), k, v

    def step(self, x: Tensor, keys: Tensor, values: Tensor, position: Tensor, places: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One token (n, 1, width) with a cache (n, shared_heads, context, head)."""
        q, k, v = self.split(x, position.reshape(1))
        here = (places == position)[:, None]
        keys, values = torch.where(here, k, keys), torch.where(here, v, values)
        grouped = q.unflatten(1, (self.shared, -1)).flatten(3)
        mixed = F.scaled_dot_product_attention(grouped, keys, values, attn_mask=(places <= position)[None])
        return self.merge(x, mixed.flatten(1, 2)[:, :, None]), keys, values


class LlamaDecoder(Decoder):
    """Tokens (n, t) -> logits (n, t, vocab_size); the cache is "keys0", "values0", "keys1" ... of each layer.

    Source: Touvron et al., LLaMA: Open and Efficient Foundation Language Models, 2023, https://arxiv.org/abs/2302.13971
    """

    def __init__(self, shape: Shape, context: int, rope: Mapping[str, Any]) -> None:
        super().__init__()
        self.vocab_size = shape.vocab_size
        self.context = context
        self.tokens = nn.Embedding(shape.vocab_size, shape.width)
        rotary = Rotary(context, shape.head, frequencies(shape.head, rope))
        self.blocks = nn.ModuleList(LlamaBlock(shape, rotary) for _ in range(shape.layers))
        self.norm = RootMeanSquare(shape.width, shape.epsilon)
        self.head = nn.Linear(shape.width, shape.vocab_size, bias=False)
        if shape.tied:
            self.head.weight = self.tokens.weight

    def forward(self, tokens: Tensor) -> Tensor:
        x, places = self.tokens(tokens), torch.arange(tokens.shape[1], device=tokens.device)
        for block in self.blocks:
            x = block(x, places)[0]
        return self.head(self.norm(x))

    def prefill(self, tokens: Tensor) -> tuple[Tensor, Cache]:
        x, places = self.tokens(tokens), torch.arange(tokens.shape[1], device=tokens.device)
        cache: Cache = {}
        for layer, block in enumerate(self.blocks):
            x, k, v = block(x, places)
            cache |= {f"keys{layer}": padded(k, self.context), f"values{layer}": padded(v, self.context)}
        return self.head(self.norm(x)), cache

    def step(self, token: Tensor, position: Tensor, cache: Cache) -> tuple[Tensor, Cache]:
        x, places = self.tokens(token)[:, None], torch.arange(self.context, device=token.device)
        updated: Cache = {}
        for layer, block in enumerate(self.blocks):
            x, keys, values = cast("LlamaBlock", block).step(x, cache[f"keys{layer}"], cache[f"values{layer}"], position, places)
            updated |= {f"keys{layer}": keys, f"values{layer}": values}
        return self.head(self.norm(x))[:, 0], updated


def frequencies(width: int, rope: Mapping[str, Any]) -> Tensor:
    """Rotary angles (width / 2,) from one place to the next, slower where a model was stretched to longer texts.

    Raises:
        StudioError: it was stretched in a way that is not known here.

    Source of "llama3": The Llama 3 Herd of Models, 2024, https://arxiv.org/abs/2407.21783
    """
    plain = spread(width, float(rope.get("rope_theta", BASE)))
    match rope.get("rope_type", rope.get("type", "default")):
        case "default":
            return plain
        case "linear":
            return plain / float(rope["factor"])
        case "llama3":
            return _stretched(plain, rope)
        case other:
            raise StudioError(f"The model stretches its rotary positions by '{other}', which is not known here.")


def _stretched(plain: Tensor, rope: Mapping[str, Any]) -> Tensor:
    """Long waves become `factor` times as long, short ones stay, and those between are mixed."""
    low, high = float(rope["low_freq_factor"]), float(rope["high_freq_factor"])
    turns = float(rope["original_max_position_embeddings"]) * plain / (2 * math.pi)
    kept = ((turns - low) / (high - low)).clamp(0, 1)
    return plain * (kept + (1 - kept) / float(rope["factor"]))
