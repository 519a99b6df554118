"""The classifier two-sample test against what is known."""

import numpy as np
import pytest

from studio.api import Column, Dataset, Signature, Table
from studio.engine.metrics.c2st import c2st, pooled
from studio.engine.metrics.classifier import _gradient, _initial, _layers
from studio.engine.metrics.evaluate import evaluate
from studio.engine.metrics.features import embed, spoken_digit
from studio.engine.tables import snapped

N = 400


def normal(seed: int, shift: float = 0.0, scale: float = 1.0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((N, 4)) * scale + shift).astype(np.float32)


def test_that_samples_of_one_law_cannot_be_told_apart() -> None:
    assert c2st(normal(0), normal(1)) == pytest.approx(0.5, abs=0.06)


def test_that_far_samples_are_always_told_apart() -> None:
    assert c2st(normal(0, shift=9), normal(1)) == 1


def test_that_shifted_samples_are_told_apart_nearly_as_often_as_is_possible() -> None:
    possible = 0.8413
    assert possible - 0.05 < c2st(normal(0, shift=1), normal(1)) < possible + 0.04


def test_that_a_difference_no_line_can_see_is_seen() -> None:
    assert c2st(normal(0, scale=2), normal(1)) > 0.7


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_that_scikit_learn_agrees() -> None:
    from sklearn.model_selection import PredefinedSplit, cross_val_score
    from sklearn.neural_network import MLPClassifier

    x, y, folds = pooled(normal(0, shift=0.7), normal(1))
    network = MLPClassifier((64, 64), alpha=0.1, max_iter=40, random_state=0)
    theirs = cross_val_score(network, x, y, cv=PredefinedSplit(folds)).mean()
    assert c2st(normal(0, shift=0.7), normal(1)) == pytest.approx(theirs, abs=0.05)


def test_that_the_number_does_not_depend_on_chance_and_a_constant_column_does_not_matter() -> None:
    constant = np.ones((N, 1), np.float32)
    once, again = (c2st(np.hstack([normal(0), constant]), np.hstack([normal(1), constant])) for _ in range(2))
    assert once == again


def test_that_the_gradient_is_the_slope_of_the_cross_entropy() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((20, 3)), (rng.random(20) > 0.5).astype(float)
    weights = [weight.astype(np.float64) for weight in _initial(3, rng)]

    def loss() -> float:
        logit = _layers(weights, x)[-1][:, 0]
        return float(np.mean(np.logaddexp(0, logit) - y * logit))

    slopes = _gradient(weights, x, y)
    for weight, slope in zip(weights, slopes, strict=True):
        place = np.unravel_index(int(np.abs(slope).argmax()), slope.shape)
        before = loss()
        weight[place] += 1e-6
        assert (loss() - before) / 1e-6 == pytest.approx(slope[place], rel=1e-3, abs=1e-6)
        weight[place] -= 1e-6


def test_that_generated_categories_are_compared_as_the_words_they_stand_for() -> None:
    space = Table(columns=(Column(name="x"), Column(name="colour", categories=("red", "green"))))
    rng = np.random.default_rng(0)
    soft = np.column_stack([rng.standard_normal(N), *(rng.random((2, N)) * 0.8)]).astype(np.float32)
    hard = snapped(soft, space)
    assert set(np.unique(hard[:, 1:])) == {0.0, 1.0}
    assert np.array_equal(hard[:, 1] > 0, soft[:, 1] >= soft[:, 2])
    real = snapped(np.column_stack([rng.standard_normal(N), *rng.random((2, N))]).astype(np.float32), space)
    numbers = evaluate(soft, Dataset(Signature(space=space), real, real[:10]))
    assert numbers["c2st"] == pytest.approx(0.5, abs=0.1)
    assert c2st(soft, real) > 0.9


def test_that_the_network_of_sounds_hears_held_out_digits() -> None:
    from studio.engine.datasets import spoken_digits

    data = spoken_digits.load()
    assert (spoken_digit(data.validation) == data.validation_labels).mean() > 0.95
    assert embed(data.validation[:5]).shape == (5, 64)
    assert embed(data.validation[:5, :, :1000]).shape == (5, 64)
