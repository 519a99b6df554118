"""Mamba: a state-space model whose step sizes, inputs and outputs depend on what it reads."""

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, Signature, Tokens
from studio.kit.autoregressive import Autoregressive
from studio.kit.generator import require

from .cards.mamba import MambaParams
from .chunks import before, entering, in_chunks, out_of_chunks, segment_sums
from .decoder import CausalConvolution, Mixer, StateSpaceDecoder, spread_steps

CHUNK = 16


class Mamba(Autoregressive):
    """Blocks of selective state spaces on text, or on pixels in raster order.

    Source: Gu and Dao, Mamba: Linear-Time Sequence Modeling with Selective State Spaces, 2023, https://arxiv.org/abs/2312.00752
    """

    def __init__(self, signature: Signature, params: MambaParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        require(signature.space, Tokens, Image)

        def mixer() -> Mixer:
            return SelectiveMixer(params.width, params.expand * params.width, params.state, params.kernel)

        def build(vocab_size: int, starts: int, context: int) -> StateSpaceDecoder:
            room = context if starts else max(context, params.longest)
            return StateSpaceDecoder(vocab_size, room, params.width, params.layers, mixer, starts)

        super().__init__(signature, params, inputs, build)


class SelectiveMixer(Mixer):
    """The paper's block: a causal convolution and a selective state space, gated by a second branch.

    Args:
        inner: channels, each with a state of its own.
        state: numbers in the state of a channel, whose decays are independent.
        kernel: tokens that the convolution sees.
    """

    def __init__(self, width: int, inner: int, state: int, kernel: int) -> None:
        super().__init__()
        rank = math.ceil(width / 16)
        self.sizes = (rank, state, state)
        self.enter = nn.Linear(width, 2 * inner, bias=False)
        self.convolution = CausalConvolution(inner, kernel)
        self.select = nn.Linear(inner, sum(self.sizes), bias=False)
        self.widen = nn.Linear(rank, inner)
        nn.init.uniform_(self.widen.weight, -(rank**-0.5), rank**-0.5)
        self.widen.bias.data.copy_(spread_steps(inner))
        # Kept flat: a recipe decays matrices, and a decayed logarithm of a rate would be another rate.
        self.log_rates = nn.Parameter(torch.arange(1.0, state + 1).log().repeat_interleave(inner))
        self.skip = nn.Parameter(torch.ones(inner))
        self.leave = nn.Linear(inner, width, bias=False)

    @property
    def rates(self) -> Tensor:
        """The diagonal matrix A: (state, inner), negative."""
        return -self.log_rates.exp().unflatten(0, (self.sizes[-1], -1))

    def selected(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What depends on the input (..., inner): step sizes (..., inner), and B and C (..., state)."""
        narrow, b, c = self.select(x).split(self.sizes, dim=-1)
        return F.softplus(self.widen(narrow)), b, c

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, gate = self.enter(x).chunk(2, dim=-1)
        x, recent = self.convolution(x)
        delta, b, c = self.selected(x)
        y, state = selective_scan(delta, self.rates, delta * x, b, c)
        return self.leave((y + self.skip * x) * F.silu(gate)), recent, state

    def step(self, x: Tensor, recent: Tensor, state: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x, gate = self.enter(x).chunk(2, dim=-1)
        x, recent = self.convolution.step(x, recent)
        delta, b, c = self.selected(x)
        y, state = advance(state, delta, self.rates, delta * x, b, c)
        return self.leave((y + self.skip * x) * F.silu(gate)), recent, state


def advance(state: Tensor, delta: Tensor, rates: Tensor, x: Tensor, b: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """One token: what is read from the state (..., inner) after it, and the state (..., state, inner)."""
    state = torch.addcmul(b[..., None] * x[..., None, :], torch.exp(delta[..., None, :] * rates), state)
    return read(c, state), state


def read(c: Tensor, state: Tensor) -> Tensor:
    """(..., state) and (..., state, inner) -> (..., inner)"""
    return (c[..., None, :] @ state)[..., 0, :]


def selective_scan(delta: Tensor, rates: Tensor, x: Tensor, b: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """The outputs (n, t, inner) of all tokens and the state (n, state, inner) after the last, from an empty state.

    Token by token: a state then stays in the processor's cache, which made a training step faster than every scan that has the
    states of all tokens in memory. In a graph, whose length is not known, all chunks at once.

    Args:
        delta: step sizes (n, t, inner), positive.
        rates: A (state, inner), negative.
        x: inputs times step sizes (n, t, inner).
        b, c: into the state and out of it (n, t, state).
    """
    if torch.compiler.is_exporting():
        return chunked_scan(delta, rates, x, b, c, CHUNK)
    outputs = list[Tensor]()
    state = delta.new_zeros(len(delta), *rates.shape)
    for now in zip(*(tensor.unbind(1) for tensor in (delta, x, b, c)), strict=True):
        y, state = advance(state, now[0], rates, *now[1:])
        outputs.append(y)
    return torch.stack(outputs, dim=1), state


def chunked_scan(delta: Tensor, rates: Tensor, x: Tensor, b: Tensor, c: Tensor, chunk: int) -> tuple[Tensor, Tensor]:
    """`selective_scan` without a loop over tokens: no exponent is positive, so that nothing can overflow.

    In each chunk neighbours are joined, then neighbours of neighbours: after shifts of 1, 2, 4 ... a token's state is that of the
    whole chunk before it, and its decay the product of theirs.

    Source: Hillis and Steele, Data Parallel Algorithms, 1986, https://doi.org/10.1145/7902.7903
    """
    tokens = delta.shape[1]
    delta, x, b = (in_chunks(tensor, chunk) for tensor in (delta, x, b))
    decay = torch.exp(delta[..., None, :] * rates)
    state = b[..., None] * x[..., None, :]
    for shift in (2**k for k in range((chunk - 1).bit_length())):
        state = state + decay * shifted(state, shift, 0.0)
        decay = decay * shifted(decay, shift, 1.0)
    after = across(state[:, :, -1], delta.sum(2), rates)
    state = state + decay * entering(after)[:, :, None]
    return read(c, out_of_chunks(state, tokens)), after[:, -1]


def shifted(x: Tensor, by: int, fill: float) -> Tensor:
    """(n, chunks, chunk, state, inner), each token in the place of a later one."""
    return F.pad(x[:, :, : x.shape[2] - by], (0, 0, 0, 0, by, 0), value=fill)


def across(state: Tensor, passed: Tensor, rates: Tensor) -> Tensor:
    """States after each chunk (n, chunks, state, inner) from what each chunk adds to an empty one.

    Args:
        passed: step sizes added up in each chunk (n, chunks, inner).
    """
    spans = segment_sums(passed.movedim(1, -1)).movedim(1, -1)
    kept = torch.exp(spans[..., None, :] * rates)
    later = before(passed.shape[1], passed.device)[:, :, None, None]
    return state + torch.where(later, kept * state[:, None], 0.0).sum(2)
