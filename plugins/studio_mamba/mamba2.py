"""Mamba-2: a state-space model in a form that is attention within chunks and a recurrence between them."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, Signature, StudioError, Tokens
from studio.kit.autoregressive import Autoregressive
from studio.kit.generator import require

from .cards.mamba2 import Mamba2Params
from .chunks import decays, entering, in_chunks, out_of_chunks
from .decoder import CausalConvolution, Mixer, RMSNorm, StateSpaceDecoder, spread_steps

CHUNK = 32
SLOWEST, FASTEST = 1.0, 16.0


class Mamba2(Autoregressive):
    """Blocks of structured state-space duality (SSD) on text, or on pixels in raster order.

    Source: Dao and Gu, Transformers are SSMs: Generalized Models and Efficient Algorithms Through Structured State Space
    Duality, 2024, https://arxiv.org/abs/2405.21060
    """

    def __init__(self, signature: Signature, params: Mamba2Params, inputs: Mapping[str, nn.Module] | None = None) -> None:
        require(signature.space, Tokens, Image)

        def mixer() -> Mixer:
            return DualMixer(params.width, params.expand * params.width, params.head_width, params.state, params.kernel)

        def build(vocab_size: int, starts: int, context: int) -> StateSpaceDecoder:
            room = context if starts else max(context, params.longest)
            return StateSpaceDecoder(vocab_size, room, params.width, params.layers, mixer, starts)

        super().__init__(signature, params, inputs, build)


class DualMixer(Mixer):
    """The paper's block: everything that depends on the input is made at once, and a gated norm follows the heads.

    Args:
        inner: channels of all heads together.
        head_width: channels of a head, which share one decay.
        state: rows of a head's state; B and C, one number for each, are shared by all heads.

    Raises:
        StudioError: the heads do not divide the channels.
    """

    def __init__(self, width: int, inner: int, head_width: int, state: int, kernel: int) -> None:
        super().__init__()
        if inner % head_width:
            raise StudioError(f"'head_width' must divide expand x width: {head_width} does not divide {inner}.")
        heads = inner // head_width
        self.head_width = head_width
        self.sizes = (inner, inner + 2 * state, heads)
        self.selection = (inner, state, state)
        self.enter = nn.Linear(width, sum(self.sizes), bias=False)
        self.convolution = CausalConvolution(inner + 2 * state, kernel)
        self.bias = nn.Parameter(spread_steps(heads))
        self.log_rates = nn.Parameter(torch.empty(heads).uniform_(SLOWEST, FASTEST).log())
        self.skip = nn.Parameter(torch.ones(heads))
        self.norm = RMSNorm(inner)
        self.leave = nn.Linear(inner, width, bias=False)

    def heads(self, mixed: Tensor, narrow: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Of the convolution's output (..., inner + 2 state): heads (..., heads, head_width), the logarithm of their decays and
        their step sizes (..., heads), B and C (..., state)."""
        x, b, c = mixed.split(self.selection, dim=-1)
        delta = F.softplus(narrow + self.bias)
        return x.unflatten(-1, (-1, self.head_width)), -self.log_rates.exp() * delta, delta, b, c

    def gated(self, y: Tensor, x: Tensor, gate: Tensor) -> Tensor:
        """(..., heads, head_width) -> (..., width)"""
        return self.leave(self.norm((y + self.skip[:, None] * x).flatten(-2) * F.silu(gate)))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        gate, mixed, narrow = self.enter(x).split(self.sizes, dim=-1)
        mixed, recent = self.convolution(mixed)
        x, log_decay, delta, b, c = self.heads(mixed, narrow)
        y, state = ssd(x * delta[..., None], log_decay, b, c, CHUNK)
        return self.gated(y, x, gate), recent, state

    def step(self, x: Tensor, recent: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        gate, mixed, narrow = self.enter(x).split(self.sizes, dim=-1)
        mixed, recent = self.convolution.step(mixed, recent)
        x, log_decay, delta, b, c = self.heads(mixed, narrow)
        state = log_decay.exp()[:, None, :, None] * state + b[..., None, None] * (x * delta[..., None])[:, None]
        y = c[:, None] @ state.flatten(2)
        return self.gated(y.view_as(x), x, gate), recent, state


def ssd(x: Tensor, log_decay: Tensor, b: Tensor, c: Tensor, chunk: int) -> tuple[Tensor, Tensor]:
    """Outputs (n, t, heads, p) of h_t = decay_t h_(t-1) + b_t x_t, y_t = c_t h_t, and the state (n, state, heads, p) after the
    last token: matrix products, of all pairs of tokens within a chunk, and of all pairs of chunks for the states between them.

    Args:
        x: inputs times step sizes (n, t, heads, p).
        log_decay: logarithm of each head's decay (n, t, heads), negative: no exponential can overflow.
        b, c: into the state and out of it (n, t, state), shared by the heads.
    """
    shape, tokens = x.shape[2:], x.shape[1]
    x, log_decay, b, c = (in_chunks(tensor, chunk) for tensor in (x, log_decay, b, c))
    kept = decays(log_decay.permute(0, 3, 1, 2))
    within = ((c @ b.transpose(2, 3))[:, None] * kept) @ x.permute(0, 3, 1, 2, 4)
    left = kept[..., -1, :].permute(0, 2, 3, 1)[..., None] * x
    after = across((b.transpose(2, 3) @ left.flatten(3)).unflatten(3, shape), log_decay.sum(2))
    brought = (c @ entering(after).flatten(3)).unflatten(3, shape) * log_decay.cumsum(2).exp()[..., None]
    return out_of_chunks(within.permute(0, 2, 3, 1, 4) + brought, tokens), after[:, -1]


def across(added: Tensor, log_decay: Tensor) -> Tensor:
    """States after each chunk (n, chunks, state, heads, p) from what each adds to an empty one, and its decays' logarithm."""
    kept = decays(log_decay.transpose(1, 2))
    states = added.movedim(3, 1)
    return (kept @ states.flatten(3)).view_as(states).movedim(1, 3)
