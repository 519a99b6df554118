"""A decoder of PaLM's design: attention and perceptron side by side, one head of keys and values, rotary positions."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Signature, StudioError, Tokens
from studio.kit.autoregressive import Autoregressive
from studio.kit.decoder import Cache, Decoder
from studio.kit.generator import require
from studio.kit.networks.decoder_transformer import attend, bias_after, padded, written

from .cards.palm import PaLMParams
from .rotary import Rotary

EXPANSION = 4


class ParallelBlock(nn.Module):
    """y = x + attention(norm(x)) + perceptron(norm(x)): all matrices that read the norm are one, all that write y are one.

    All query heads share one head of keys and values; the perceptron is SwiGLU. Nothing has a bias.

    Source of multi-query attention: Shazeer, Fast Transformer Decoding, 2019, https://arxiv.org/abs/1911.02150; of SwiGLU:
    Shazeer, GLU Variants Improve Transformer, 2020, https://arxiv.org/abs/2002.05202
    """

    def __init__(self, width: int, heads: int, rotary: Rotary) -> None:
        super().__init__()
        self.head, self.heads, self.hidden = width // heads, heads, EXPANSION * width
        self.parts = (width, self.head, self.head, self.hidden, self.hidden)
        self.rotary = rotary
        self.norm = nn.LayerNorm(width, bias=False)
        self.read = nn.Linear(width, sum(self.parts), bias=False)
        self.write = nn.Linear(width + self.hidden, width, bias=False)

    def split(self, x: Tensor, places: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """(n, t, width) -> queries (n, heads, t, head), keys and values (n, 1, t, head), and what the perceptron hides."""
        q, k, v, gate, up = self.read(self.norm(x)).split(self.parts, dim=2)
        queries = q.unflatten(2, (self.heads, self.head)).transpose(1, 2)
        return self.rotary(queries, places), self.rotary(k[:, None], places), v[:, None], F.silu(gate) * up

    def merge(self, x: Tensor, mixed: Tensor, hidden: Tensor) -> Tensor:
        """The residual after attention (n, heads, t, head) and perceptron (n, t, hidden)."""
        return x + self.write(torch.cat([mixed.transpose(1, 2).flatten(2), hidden], dim=2))

    def forward(self, x: Tensor, places: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q, k, v, hidden = self.split(x, places)
        shared = (-1, self.heads, -1, -1)
        mixed = F.scaled_dot_product_attention(q, k.expand(shared), v.expand(shared), is_causal=True)
        return self.merge(x, mixed, hidden), k, v

    def step(
        self, x: Tensor, keys: Tensor, values: Tensor, position: Tensor, place: Tensor, bias: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """One token (n, 1, width) with a cache (n, 1, context, head); to one head of keys the query heads are as many places."""
        q, k, v, hidden = self.split(x, position.reshape(1))
        keys, values = written(keys, k, place), written(values, v, place)
        return self.merge(x, attend(q.transpose(1, 2), keys, values, bias).transpose(1, 2), hidden), keys, values


class ParallelDecoder(Decoder):
    """Tokens (n, t) -> logits (n, t, vocab_size); embeddings of unit variance are also the last layer, scaled by 1 / sqrt(width).

    The cache is "keys0", "values0", "keys1" ... of each layer, (n, 1, context, width of a head).
    """

    def __init__(self, vocab_size: int, starts: int, context: int, width: int, layers: int, heads: int) -> None:
        super().__init__()
        if width % (2 * heads):
            raise StudioError(f"'width' must be a multiple of twice 'heads': {width} is not one of {2 * heads}.")
        self.vocab_size = vocab_size
        self.context = context
        self.tokens = nn.Embedding(vocab_size + starts, width)
        rotary = Rotary(context, width // heads)
        self.blocks = nn.ModuleList(ParallelBlock(width, heads, rotary) for _ in range(layers))
        self.norm = nn.LayerNorm(width, bias=False)
        self.apply(_initialise)

    def logits(self, x: Tensor) -> Tensor:
        """The last layer, which shares its weights with the token embedding."""
        return F.linear(self.norm(x), self.tokens.weight[: self.vocab_size]) / math.sqrt(x.shape[-1])

    def forward(self, tokens: Tensor) -> Tensor:
        x, places = self.tokens(tokens), torch.arange(tokens.shape[1], device=tokens.device)
        for block in self.blocks:
            x = block(x, places)[0]
        return self.logits(x)

    def prefill(self, tokens: Tensor) -> tuple[Tensor, Cache]:
        x, places = self.tokens(tokens), torch.arange(tokens.shape[1], device=tokens.device)
        cache: Cache = {}
        for layer, block in enumerate(self.blocks):
            x, k, v = block(x, places)
            cache |= {f"keys{layer}": padded(k, self.context), f"values{layer}": padded(v, self.context)}
        return self.logits(x), cache

    def step(self, token: Tensor, position: Tensor, cache: Cache) -> tuple[Tensor, Cache]:
        x = self.tokens(token)[:, None]
        place, bias = position.expand_as(cache["keys0"][:, :, :1]), bias_after(position, self.context)
        updated: Cache = {}
        for layer, block in enumerate(self.blocks):
            assert isinstance(block, ParallelBlock)
            x, keys, values = block.step(x, cache[f"keys{layer}"], cache[f"values{layer}"], position, place, bias)
            updated |= {f"keys{layer}": keys, f"values{layer}": values}
        return self.logits(x)[:, 0], updated


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=module.in_features**-0.5)


class PaLM(Autoregressive):
    """What is public of PaLM's design, at any size: parallel blocks, SwiGLU, multi-query attention, rotary positions, no biases.

    Trained with AdamW as GPT is here, where PaLM used Adafactor and an auxiliary loss on the softmax's normaliser.

    Source: Chowdhery et al., PaLM: Scaling Language Modeling with Pathways, 2022, https://arxiv.org/abs/2204.02311
    """

    def __init__(self, signature: Signature, params: PaLMParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        require(signature.space, Tokens)

        def build(vocab_size: int, starts: int, context: int) -> ParallelDecoder:
            return ParallelDecoder(vocab_size, starts, context, params.width, params.layers, params.heads)

        super().__init__(signature, params, inputs, build)
