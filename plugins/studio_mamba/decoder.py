"""A decoder of state-space blocks: its memory of the tokens so far has the same size after one token as after a million."""

import math
from collections.abc import Callable, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.kit.decoder import Cache, Decoder

FASTEST, SLOWEST = 0.1, 0.001


class Mixer(nn.Module):
    """Base of what mixes tokens in a block; it remembers the last inputs of a convolution, and a state."""

    leave: nn.Linear

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(n, t, width) -> the same shape, and the two memories after the last token, whose shapes do not depend on t."""
        raise NotImplementedError

    def step(self, x: Tensor, recent: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One more token (n, width), with the memories."""
        raise NotImplementedError


class CausalConvolution(nn.Module):
    """Each channel by itself over a token and the `kernel - 1` before it, followed by SiLU."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        reach = 1 / math.sqrt(kernel)
        self.weight = nn.Parameter(torch.empty(kernel, channels).uniform_(-reach, reach))
        self.bias = nn.Parameter(torch.empty(channels).uniform_(-reach, reach))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(n, t, channels) -> the same shape, and the last inputs (n, kernel - 1, channels)."""
        n, t, channels = x.shape
        kernel = len(self.weight)
        padded = torch.cat([x.new_zeros(n, kernel - 1, channels), x], dim=1)
        mixed = self.bias + sum(padded[:, k : k + t] * self.weight[k] for k in range(kernel))
        return F.silu(mixed), padded[:, t:]

    def step(self, x: Tensor, recent: Tensor) -> tuple[Tensor, Tensor]:
        """One more token (n, channels)."""
        window = torch.cat([recent, x[:, None]], dim=1)
        return F.silu((window * self.weight).sum(1) + self.bias), window[:, 1:]


class RMSNorm(nn.Module):
    """Root-mean-square norm, written as a quotient: onnxruntime then sees one operation in it, in `nn.RMSNorm`'s export seven.

    Source: Zhang and Sennrich, Root Mean Square Layer Normalization, 2019, https://arxiv.org/abs/1910.07467
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return x / (x.pow(2).mean(-1, keepdim=True) + 1e-5).sqrt() * self.weight


class Block(nn.Module):
    """A mixer behind an RMS norm and a residual."""

    def __init__(self, width: int, mixer: Mixer) -> None:
        super().__init__()
        self.norm = RMSNorm(width)
        self.mixer = mixer

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mixed, recent, state = self.mixer(self.norm(x))
        return x + mixed, recent, state

    def step(self, x: Tensor, recent: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One token with this layer's memories."""
        mixed, recent, state = self.mixer.step(self.norm(x), recent, state)
        return x + mixed, recent, state


class StateSpaceDecoder(Decoder):
    """Blocks between an embedding and the last layer, which share their weights; order needs no position embedding.

    The cache is "recent", the last inputs of each layer's convolution (n, layers, kernel - 1, channels), and "state", the states
    of all layers (n, layers, ...).

    Args:
        mixer: makes the mixer of a layer.
        starts: symbols beyond `vocab_size` that may stand first.
    """

    def __init__(
        self, vocab_size: int, context: int, width: int, layers: int, mixer: Callable[[], Mixer], starts: int = 0
    ) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        self.context = context
        self.tokens = nn.Embedding(vocab_size + starts, width)
        self.blocks = nn.ModuleList(Block(width, mixer()) for _ in range(layers))
        self.norm = RMSNorm(width)
        nn.init.normal_(self.tokens.weight, std=0.02)
        for block in self.blocks:
            cast("Block", block).mixer.leave.weight.data.div_(math.sqrt(layers))

    def logits(self, x: Tensor) -> Tensor:
        """(..., width) -> (..., vocab_size)"""
        return F.linear(self.norm(x), self.tokens.weight[: self.vocab_size])

    def prefill(self, tokens: Tensor) -> tuple[Tensor, Cache]:
        x = self.tokens(tokens)
        memories = list[tuple[Tensor, Tensor]]()
        for block in self.blocks:
            x, recent, state = block(x)
            memories.append((recent, state))
        return self.logits(x), together(memories)

    def step(self, token: Tensor, position: Tensor, cache: Cache) -> tuple[Tensor, Cache]:
        x = self.tokens(token)
        memories = list[tuple[Tensor, Tensor]]()
        for block, *memory in zip(self.blocks, cache["recent"].unbind(1), cache["state"].unbind(1), strict=True):
            x, recent, state = cast("Block", block).step(x, *memory)
            memories.append((recent, state))
        return self.logits(x), together(memories)


def together(memories: Sequence[tuple[Tensor, Tensor]]) -> Cache:
    """The memories of all layers as two tensors: a loop around an exported step is the faster the less it carries."""
    recent, state = zip(*memories, strict=True)
    return {"recent": torch.stack(recent, dim=1), "state": torch.stack(state, dim=1)}


def spread_steps(count: int) -> Tensor:
    """What softplus turns into step sizes evenly spread, in logarithm, between the slowest and the fastest: (count,)."""
    steps = torch.empty(count).uniform_(math.log(SLOWEST), math.log(FASTEST)).exp()
    return steps + torch.log(-torch.expm1(-steps))
