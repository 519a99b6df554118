"""Each formula against an independent one, or a value known by reasoning."""

import numpy as np
import pytest
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist
from scipy.stats import wasserstein_distance

from studio.engine.datasets.mixture import Mixture
from studio.engine.metrics.copied import copied
from studio.engine.metrics.frechet import frechet_distance
from studio.engine.metrics.mmd import mmd
from studio.engine.metrics.modes import high_quality, modes_covered
from studio.engine.metrics.prdc import coverage, density, precision, recall
from studio.engine.metrics.sliced_wasserstein import sliced_wasserstein
from studio.engine.metrics.trigram import trigram_divergence

rng = np.random.default_rng(0)
A, B = rng.standard_normal((300, 6)), 1.5 * rng.standard_normal((400, 6)) + 0.3


def test_that_the_frechet_distance_is_that_of_scipys_matrix_root() -> None:
    first, second = np.cov(A.T), np.cov(B.T)
    trace = np.trace(first + second - 2 * np.real(np.asarray(sqrtm(first @ second))))
    expected = ((A.mean(0) - B.mean(0)) ** 2).sum() + trace
    assert frechet_distance(A, B) == pytest.approx(expected, rel=1e-9)
    assert frechet_distance(A, A) == pytest.approx(0, abs=1e-9)


def test_that_the_frechet_distance_stands_fewer_samples_than_features() -> None:
    wide = rng.standard_normal((10, 64))
    assert np.isfinite(frechet_distance(wide, wide + 1))
    assert frechet_distance(wide, wide + 1) == pytest.approx(64, rel=1e-6)


def test_that_precision_recall_density_and_coverage_are_those_of_their_definitions() -> None:
    made, real = B[:300], A
    cross, of_real, of_made = cdist(made, real), cdist(real, real), cdist(made, made)
    real_radius, made_radius = np.sort(of_real)[:, 5], np.sort(of_made)[:, 5]
    assert precision(made, real) == np.mean([(row <= real_radius).any() for row in cross])
    assert recall(made, real) == np.mean([(column <= made_radius).any() for column in cross.T])
    assert density(made, real) == pytest.approx((cross <= real_radius).sum() / (5 * 300))
    assert coverage(made, real) == np.mean((cross <= real_radius).any(0))


def test_that_all_four_are_about_one_for_two_samples_of_one_kind() -> None:
    one, other = rng.standard_normal((2, 1000, 2))
    for metric, tolerance in ((precision, 0.05), (recall, 0.05), (density, 0.1), (coverage, 0.06)):
        assert metric(one, other) == pytest.approx(1, abs=tolerance)


def test_that_mmd_is_the_mean_over_pairs() -> None:
    made, real = A[:40], B[:30]
    width = 2 * np.median(cdist(real, real, "sqeuclidean")[np.triu_indices(30, 1)])

    def kernel(x: np.ndarray, y: np.ndarray) -> float:
        return float(np.exp(-((x - y) ** 2).sum() / width))

    pairs = [np.mean([kernel(x, y) for i, x in enumerate(s) for j, y in enumerate(s) if i != j]) for s in (made, real)]
    cross = np.mean([kernel(x, y) for x in made for y in real])
    assert mmd(made, real) == pytest.approx(sum(pairs) - 2 * cross, rel=1e-9)
    assert mmd(rng.standard_normal((500, 2)), rng.standard_normal((500, 2))) == pytest.approx(0, abs=0.01)


def test_that_a_shift_is_its_own_sliced_distance_in_one_dimension_and_smaller_by_the_root_of_the_dimensions_in_more() -> None:
    line = rng.standard_normal((500, 1))
    assert sliced_wasserstein(line + 2, line) == pytest.approx(2)
    assert sliced_wasserstein(line + 2, line) == pytest.approx(wasserstein_distance(line[:, 0] + 2, line[:, 0]))
    plane = rng.standard_normal((500, 2))
    assert sliced_wasserstein(plane + np.array([2.0, 0]), plane) == pytest.approx(2 / np.sqrt(2), rel=0.1)
    assert sliced_wasserstein(plane[:200], plane) < 0.2


def test_that_modes_are_counted_within_three_sigma() -> None:
    truth = Mixture(np.array([[0.0, 0.0], [10.0, 0.0]]), 1.0)
    points = np.array([[0, 2.9], [0, 3.1], [5, 0]])
    assert modes_covered(points, truth) == 1
    assert high_quality(points, truth) == pytest.approx(1 / 3)


def test_that_trigrams_of_disjoint_alphabets_are_one_bit_apart() -> None:
    stream = rng.integers(0, 3, 20_000)
    assert trigram_divergence(rng.integers(3, 6, (50, 64)), stream) == pytest.approx(1, abs=0.01)
    assert trigram_divergence(stream[:3200].reshape(50, 64), stream) == pytest.approx(0, abs=0.01)
    assert trigram_divergence(stream[:3200].reshape(50, 64), stream.reshape(-1, 50)) == pytest.approx(0, abs=0.01)


def test_that_the_copied_share_counts_whole_sequences() -> None:
    stream = np.arange(1000)
    half = np.concatenate([np.arange(100, 150), np.arange(5000, 5050)])[None]
    assert copied(half, stream) == pytest.approx(27 / 77)
    assert copied(np.arange(100)[None] + 5000, stream) == 0
    assert copied(np.arange(10)[None], stream) == 0


def test_that_places_of_a_text_not_yet_written_do_not_count():
    stream = np.tile(np.arange(6), 200)
    whole = stream[:120].reshape(4, 30)
    padded = np.concatenate([whole, np.full((4, 9), -1)], axis=1)
    assert trigram_divergence(padded, stream) == trigram_divergence(whole, stream)
