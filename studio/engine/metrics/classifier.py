"""A small neural network for two classes, in numpy: two hidden layers, Adam, weight decay."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
WIDTH, BATCH, UPDATES = 64, 128, 500
RATE, DECAY = 3e-3, 0.1


def fit(x: Array, y: Array, seed: int) -> list[Array]:
    """Weights and biases in turn, trained on x (n, D) and y (n,), 0 or 1.

    Source: Kingma and Ba, Adam, 2014, https://arxiv.org/abs/1412.6980; Loshchilov and Hutter, Decoupled Weight Decay
    Regularization, 2017, https://arxiv.org/abs/1711.05101
    """
    rng = np.random.default_rng(seed)
    weights = _initial(x.shape[1], rng)
    first, second = ([np.zeros_like(weight) for weight in weights] for _ in range(2))
    for step in range(1, UPDATES + 1):
        batch = rng.integers(len(x), size=min(BATCH, len(x)))
        rate = RATE * (1 - step / UPDATES)
        for weight, m, v, slope in zip(weights, first, second, _gradient(weights, x[batch], y[batch]), strict=True):
            m[...] += 0.1 * (slope - m)
            v[...] += 0.001 * (slope**2 - v)
            weight[...] *= 1 - rate * DECAY
            weight[...] -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return weights


def predict(weights: Sequence[Array], x: Array) -> Array:
    """The probability of class 1, (n,)."""
    return _sigmoid(_layers(weights, x)[-1][:, 0])


def _initial(inputs: int, rng: np.random.Generator) -> list[Array]:
    sizes = [(inputs, WIDTH), (WIDTH, WIDTH), (WIDTH, 1)]
    drawn = [(rng.standard_normal(size) * np.sqrt(2 / size[0])).astype(np.float32) for size in sizes]
    return [part for weight in drawn for part in (weight, np.zeros(weight.shape[1], np.float32))]


def _layers(weights: Sequence[Array], x: Array) -> list[Array]:
    """The input, both hidden layers and the logit."""
    a = np.maximum(x @ weights[0] + weights[1], 0)
    b = np.maximum(a @ weights[2] + weights[3], 0)
    return [x, a, b, b @ weights[4] + weights[5]]


def _gradient(weights: Sequence[Array], x: Array, y: Array) -> list[Array]:
    """Of the mean cross-entropy."""
    *hidden, logit = _layers(weights, x)
    back = (_sigmoid(logit) - y[:, None]) / len(x)
    slopes: list[Array] = []
    for layer in (2, 1, 0):
        slopes = [hidden[layer].T @ back, back.sum(0), *slopes]
        if layer:
            back = (back @ weights[2 * layer].T) * (hidden[layer] > 0)
    return slopes


def _sigmoid(logit: Array) -> Array:
    return 1 / (1 + np.exp(-np.clip(logit, -30, 30)))
