"""Noise that depends on the seed and the sample's place alone, so that torch, onnxruntime and every batch size agree."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from studio.api.sampler import Noise


class NoiseStream:
    """Random numbers for `n` samples: sample `k` is the same whatever the batch it is drawn in.

    Args:
        seed: any non-negative integer.
        n: number of samples.
        first: the place of the first sample, to draw a long series in pieces.
    """

    def __init__(self, seed: int, n: int, first: int = 0) -> None:
        self._sources = [np.random.Generator(np.random.Philox(key=[seed, first + k])) for k in range(n)]

    def draw(self, noise: Noise) -> NDArray[np.float32]:
        """Float32 array of shape (n, *noise.shape)."""
        drawn = np.empty((len(self._sources), *noise.shape), np.float32)
        for row, source in zip(drawn, self._sources, strict=True):
            row[...] = _draw(source, noise)
        return drawn

    def draw_many(self, noise: Noise, steps: int) -> NDArray[np.float32]:
        """The noise of `steps` successive draws: shape (steps, n, *noise.shape)."""
        shape = (steps, len(self._sources), *noise.shape)
        return np.stack([self.draw(noise) for _ in range(steps)]) if steps else np.empty(shape, np.float32)


def _draw(source: np.random.Generator, noise: Noise) -> NDArray[np.float32]:
    if noise.law == "normal":
        return source.standard_normal(noise.shape, np.float32)
    uniform = source.random(noise.shape, np.float32)
    if noise.law == "uniform":
        return uniform
    return -np.log(-np.log(np.minimum(np.maximum(uniform, 1e-7), 1 - 1e-7))).astype(np.float32)


def slerp(a: NDArray[np.float32], b: NDArray[np.float32], weights: Sequence[float]) -> NDArray[np.float32]:
    """Spherical interpolation of two latents of one shape: (len(weights), *shape)."""
    cosine = float(np.sum(a * b) / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-12))
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))
    if angle < 1e-4:
        return np.stack([(1 - w) * a + w * b for w in weights]).astype(np.float32)
    along = [(np.sin((1 - w) * angle) * a + np.sin(w * angle) * b) / np.sin(angle) for w in weights]
    return np.stack(along).astype(np.float32)
