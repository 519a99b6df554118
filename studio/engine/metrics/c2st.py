"""The classifier two-sample test: can a small network tell generated samples from real ones?"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.metrics.classifier import fit, predict

FOLDS, MOST, SEED = 5, 1000, 0


def c2st(generated: NDArray[Any], reference: NDArray[Any]) -> float:
    """Accuracy on samples the classifier has not seen, in five folds: 0.5 where it can but guess, 1 where it is always right.

    As many generated samples as real ones are used, at most 1,000 each, every coordinate standardised.
    Source: Lopez-Paz and Oquab, Revisiting Classifier Two-Sample Tests, 2016, https://arxiv.org/abs/1610.06545

    Args:
        generated: (N, D).
        reference: (M, D).
    """
    x, y, folds = pooled(generated, reference)
    right = np.empty(len(x), bool)
    for fold in range(FOLDS):
        held_out = folds == fold
        classifier = fit(x[~held_out], y[~held_out], SEED + fold)
        right[held_out] = (predict(classifier, x[held_out]) > 0.5) == (y[held_out] > 0.5)
    return float(right.mean())


Pooled = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]


def pooled(generated: NDArray[Any], reference: NDArray[Any]) -> Pooled:
    """What is told apart: samples (2n, D), 1 for generated ones (2n,), and the fold of each, as many of both in every fold."""
    rng = np.random.default_rng(SEED)
    n = min(len(generated), len(reference), MOST)
    chosen = [rng.permutation(len(part))[:n] for part in (generated, reference)]
    x = np.concatenate([generated.reshape(len(generated), -1)[chosen[0]], reference.reshape(len(reference), -1)[chosen[1]]])
    spread = x.std(0)
    x = (x - x.mean(0)) / np.where(spread > 0, spread, 1)
    return x.astype(np.float32), np.repeat(np.array([1, 0], np.float32), n), np.tile(np.arange(n) % FOLDS, 2)
