"""One token per step: temperature, top-k and top-p with Gumbel noise, for every model that gives logits."""

import math

import torch
from torch import Tensor

from studio.api.params import Params, param


class TokenControls(Params):
    """How tokens are drawn; the defaults draw them as the model gives them."""

    temperature: float = param(1.0, "Below 1 is safer, above 1 bolder; 0 always takes the likeliest token.", ge=0.0, le=2.0)
    top_k: int = param(0, "Only the k likeliest tokens may follow; 0 allows all.", ge=0, le=1000)
    top_p: float = param(1.0, "Only the likeliest tokens that together have this probability may follow.", ge=0.05, le=1.0)


class TextControls(TokenControls):
    """Sliders of a text sampler; `length` is bounded by the model's context."""

    length: int = param(128, "Tokens to write.", ge=1, le=4096)
    temperature: float = param(0.8, "Below 1 is safer, above 1 bolder; 0 always takes the likeliest token.", ge=0.0, le=2.0)


def controls_for(context: int) -> type[TextControls]:
    """`TextControls` whose length fits in what a context leaves beside the prompt."""
    room = context - prompt_room(context)

    class Controls(TextControls):
        length: int = param(min(128, room), "Tokens to write.", ge=1, le=room)

    return Controls


def prompt_room(context: int) -> int:
    """How many tokens of a prompt are read: a quarter of the context."""
    return max(1, context // 4)


def choose(logits: Tensor, gumbel: Tensor, temperature: Tensor, top_k: Tensor, top_p: Tensor) -> Tensor:
    """Draw the next token (n,) from logits (n, vocab_size) by the Gumbel-max trick.

    Source: Holtzman et al., The Curious Case of Neural Text Degeneration (top-p), 2019, https://arxiv.org/abs/1904.09751
    """
    cold = temperature < 1e-4
    scaled = logits / torch.where(cold, 1.0, temperature)
    ranked, _ = torch.sort(scaled, dim=1, descending=True)
    vocab_size = logits.shape[1]
    last = torch.where(top_k > 0, torch.clamp(top_k, max=vocab_size), vocab_size) - 1
    kth = ranked.index_select(1, last.reshape(1))
    before = torch.cumsum(torch.softmax(ranked, dim=1), dim=1) - torch.softmax(ranked, dim=1)
    least = torch.where(before < top_p, ranked, math.inf).min(dim=1, keepdim=True).values
    allowed = (scaled >= kth) & (scaled >= least)
    return torch.where(allowed, scaled + torch.where(cold, 0.0, gumbel), -math.inf).argmax(dim=1)
