"""Sequences in chunks of equal length, and how much of a chunk is left at a later one: what both scans are built from."""

import torch
from torch import Tensor


def in_chunks(x: Tensor, chunk: int) -> Tensor:
    """(n, t, ...) -> (n, chunks, chunk, ...), with zeros behind the last token: a state that meets them stays as it is."""
    if torch.compiler.is_exporting():
        return _gathered(x, chunk)
    behind = x.new_zeros(x.shape[0], -x.shape[1] % chunk, *x.shape[2:])
    return torch.cat([x, behind], dim=1).unflatten(1, (-1, chunk))


def _gathered(x: Tensor, chunk: int) -> Tensor:
    """The same where the length is not known. The exporter cannot prove that a length rounded up fits, hence the indices, and
    takes a count that can be one for a constant, hence one chunk too many."""
    tokens = x.shape[1]
    count = (tokens + chunk - 1) // chunk + 1
    places = torch.arange(count, device=x.device)[:, None] * chunk + torch.arange(chunk, device=x.device)
    there = (places < tokens).reshape(places.shape + (1,) * (x.dim() - 2))
    return torch.where(there, x[:, places.clamp(max=tokens - 1)], 0.0)


def out_of_chunks(x: Tensor, tokens: int) -> Tensor:
    """(n, chunks, chunk, ...) -> (n, tokens, ...)"""
    row = x.flatten(1, 2)
    return row.index_select(1, torch.arange(tokens, device=x.device)) if torch.compiler.is_exporting() else row[:, :tokens]


def segment_sums(x: Tensor) -> Tensor:
    """Sums over (j, i]: (..., t) -> (..., t, t), element i, j; 0 where j >= i.

    Each sum is of its own terms: differences of one cumulative sum would lose the small ones behind the large.
    """
    terms = x[..., None] * before(x.shape[-1], x.device)
    return terms.cumsum(dim=-2)


def before(length: int, device: torch.device) -> Tensor:
    """Whether column j comes before row i: (length, length)."""
    places = torch.arange(length, device=device)
    return places[:, None] > places


def decays(log_decay: Tensor) -> Tensor:
    """What is left at i of what came in at j <= i, from the logarithm of each step's decay: (..., t) -> (..., t, t)."""
    places = torch.arange(log_decay.shape[-1], device=log_decay.device)
    return torch.where(places[:, None] >= places, segment_sums(log_decay).exp(), 0.0)


def entering(after: Tensor) -> Tensor:
    """From the states after each chunk (n, chunks, ...) to those before it: the first is empty."""
    places = torch.arange(after.shape[1], device=after.device)
    later = (places > 0).reshape((-1,) + (1,) * (after.dim() - 2))
    return torch.where(later, after.index_select(1, (places - 1).clamp(min=0)), 0.0)
