"""Divergence of short symbol sequences."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_COUNTERS = 2**22


def trigram_divergence(generated: NDArray[Any], reference: NDArray[Any]) -> float:
    """Jensen-Shannon divergence of three-symbol sequences, beyond what chance gives, in bits from about 0 to 1.

    Jensen-Shannon divergence: Lin, 1991, https://doi.org/10.1109/18.61115. A few thousand symbols never show all the sequences
    of a long text, so the divergence of as many real symbols, windows of `reference` spread evenly, is subtracted: real text
    is at about 0. It is blind to anything longer than a word.

    Args:
        generated: (N, length) indices; places not written (-1) are left out.
        reference: the real stream (M,), or windows (M, length).
    """
    made, stream = np.atleast_2d(generated), np.asarray(reference)
    made = made[:, (made >= 0).all(axis=0)]
    base = int(max(made.max(), stream.max())) + 1
    real = _trigrams(np.atleast_2d(stream), base)
    return _divergence(_trigrams(made, base), real) - _divergence(_trigrams(_windows(stream, made.shape), base), real)


def _windows(stream: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    n, length = shape
    if stream.ndim == 2:
        return stream[np.linspace(0, len(stream) - 1, n, dtype=np.int64)]
    starts = np.linspace(0, max(0, len(stream) - length), n, dtype=np.int64)
    return stream[starts[:, None] + np.arange(min(length, len(stream)))]


def _trigrams(rows: NDArray[Any], base: int) -> NDArray[np.int64]:
    symbols = rows.astype(np.int64)
    return ((symbols[:, :-2] * base + symbols[:, 1:-1]) * base + symbols[:, 2:]).ravel()


def _divergence(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    both = np.concatenate([a, b])
    where = both if both.max() < MOST_COUNTERS else np.unique(both, return_inverse=True)[1]
    p = np.bincount(where[: len(a)], minlength=where.max() + 1) / len(a)
    q = np.bincount(where[len(a) :], minlength=where.max() + 1) / len(b)
    return _relative_entropy(p, (p + q) / 2) / 2 + _relative_entropy(q, (p + q) / 2) / 2


def _relative_entropy(p: NDArray[np.float64], m: NDArray[np.float64]) -> float:
    there = p > 0
    return float((p[there] * np.log2(p[there] / m[there])).sum())
