import time

import numpy as np
import pytest

from studio.api import Dataset, StudioError
from studio.engine.datasets.catalog import CARDS
from studio.engine.datasets.mixture import Mixture
from studio.engine.datasets.reference import open_dataset
from studio.engine.metrics import CARDS as METRICS
from studio.engine.metrics.evaluate import evaluate, interval, reference
from studio.engine.metrics.features import embed, network_name
from studio.engine.metrics.frechet import frechet_distance
from studio.engine.metrics.sliced_wasserstein import sliced_wasserstein

cards = {card.id: card for card in CARDS}
better = {card.id: card.higher_is_better for card in METRICS}
MNIST = open_dataset("mnist", cards)


def noisy(pictures: np.ndarray, amount: float) -> np.ndarray:
    noise = np.random.default_rng(0).standard_normal(pictures.shape, np.float32)
    return np.clip(pictures + amount * noise, -1, 1)


@pytest.mark.parametrize("name", cards)
def test_that_real_samples_are_measured_better_than_nonsense(name: str) -> None:
    dataset = open_dataset(name, cards)
    real, nonsense = held_out(dataset), random_samples(dataset)
    good, bad = evaluate(real, dataset), evaluate(nonsense, dataset)
    assert set(good) == set(bad)
    ids = {
        "image": ("frechet", "recall", "coverage", "mmd"),
        "audio": ("frechet", "precision", "coverage", "mmd"),
        "points": ("precision", "density", "sliced_wasserstein", "density_gap"),
        "table": ("c2st", "sliced_wasserstein", "precision"),
        "views": ("psnr", "ssim"),
    }
    for metric in ids.get(dataset.signature.space.kind, ("trigram_divergence",)):
        higher = better.get(metric, False)
        assert (good[metric] > bad[metric]) if higher else (good[metric] < bad[metric]), metric


def held_out(dataset: Dataset) -> np.ndarray:
    space = dataset.signature.space
    if space.kind == "tokens":
        return dataset.validation[: 64 * space.length].reshape(64, space.length)
    if space.kind == "views":
        return dataset.validation
    return dataset.validation[:256] if len(dataset.validation) >= 256 else dataset.train[:97]


def random_samples(dataset: Dataset) -> np.ndarray:
    rng, space = np.random.default_rng(0), dataset.signature.space
    if space.kind == "tokens":
        return rng.choice(dataset.train, size=(64, space.length))
    count = len(dataset.validation) if space.kind == "views" else 256
    return rng.uniform(-1.7, 1.7, (count, *space.shape)).astype(np.float32)


def test_that_real_digits_have_a_low_distance_and_damage_raises_it() -> None:
    real = evaluate(MNIST.validation[:256], MNIST)
    assert real["frechet"] < 3
    assert real["coverage"] > 0.9
    assert evaluate(noisy(MNIST.validation[:256], 0.3), MNIST)["frechet"] > 5 * real["frechet"]


def test_that_lost_classes_lower_coverage_but_not_precision() -> None:
    assert MNIST.train_labels is not None
    eight = MNIST.train[MNIST.train_labels > 1][:256]
    numbers = evaluate(eight, MNIST)
    assert numbers["coverage"] < 0.87
    assert numbers["precision"] > 0.9
    assert numbers["frechet"] > 3


def test_that_one_picture_over_and_over_is_no_coverage() -> None:
    numbers = evaluate(np.repeat(MNIST.train[:1], 256, 0), MNIST)
    assert numbers["coverage"] < 0.1
    assert numbers["recall"] < 0.1


def test_that_a_lost_gaussian_and_stray_points_are_counted() -> None:
    dataset = open_dataset("twentyfive_gaussians", cards)
    assert dataset.train_labels is not None
    kept = dataset.train[dataset.train_labels != 3][:2000]
    assert evaluate(kept, dataset)["modes_covered"] == 24
    strays = np.concatenate([kept[:500], np.full((500, 2), 9, np.float32)])
    assert evaluate(strays, dataset)["high_quality"] == pytest.approx(0.989 / 2, abs=0.02)


def test_that_the_density_gap_is_zero_for_real_points_and_the_known_value_for_shifted_ones() -> None:
    dataset = open_dataset("eight_gaussians", cards)
    assert evaluate(dataset.train[:5000], dataset)["density_gap"] == pytest.approx(0, abs=0.06)
    assert isinstance(dataset.log_density, Mixture)
    sigma = dataset.log_density.sigma
    shifted = dataset.train[:5000] + np.array([0.5 * sigma, 0], np.float32)
    assert evaluate(shifted, dataset)["density_gap"] == pytest.approx(0.125, abs=0.06)


def test_that_a_text_learned_by_heart_is_told_from_a_new_one() -> None:
    dataset = open_dataset("austen", cards)
    recited, new = (part[1000 : 1000 + 64 * 64].reshape(64, 64) for part in (dataset.train, dataset.validation))
    assert evaluate(recited, dataset)["copied"] == 1
    assert evaluate(new, dataset)["copied"] < 0.1
    assert abs(evaluate(new, dataset)["trigram_divergence"]) < 0.1


def test_that_a_small_picture_set_is_measured_within_two_seconds() -> None:
    dataset = open_dataset("emoji", cards)
    start = time.process_time()
    evaluate(dataset.validation[:256], dataset)
    assert time.process_time() - start < 2


def test_that_pictures_of_other_sizes_are_measured_by_the_emoji_network() -> None:
    assert network_name((1, 28, 28)) == "FD-mnist-v1"
    assert network_name((3, 64, 64)) == "FD-emoji-v1"
    emoji = open_dataset("emoji", cards).validation[:64]
    doubled = emoji.repeat(2, axis=2).repeat(2, axis=3)
    assert np.allclose(embed(emoji), embed(doubled), atol=1e-4)
    assert embed(np.zeros((3, 1, 20, 50), np.float32)).shape == (3, 64)


def test_that_a_changed_feature_network_is_refused(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.engine.metrics import features

    folder = tmp_path / "features"
    folder.mkdir()
    for file in (features.resources() / "features").glob("digits.*"):
        (folder / file.name).write_bytes(file.read_bytes() + (b"\0" if file.suffix == ".onnx" else b""))
    monkeypatch.setattr(features, "resources", lambda: tmp_path)
    features._network.cache_clear()
    with pytest.raises(StudioError, match="not the one that was shipped"):
        embed(np.zeros((1, 1, 8, 8), np.float32) + 0.123)
    features._network.cache_clear()


def test_that_an_interval_holds_the_number_and_narrows_with_more_samples() -> None:
    points = open_dataset("moons", cards).validation
    real = open_dataset("moons", cards).train[:2000]
    few, many = interval(sliced_wasserstein, points[:100], real), interval(sliced_wasserstein, points[:3000], real)
    assert few[0] <= sliced_wasserstein(points[:100], real) <= few[1]
    assert many[1] - many[0] < few[1] - few[0]
    assert interval(sliced_wasserstein, points[:100], real) == few


def test_that_an_interval_of_the_frechet_distance_takes_a_moment_only() -> None:
    features, real = embed(MNIST.validation[:256]), embed(reference(MNIST))
    start = time.process_time()
    low, high = interval(frechet_distance, features, real)
    assert time.process_time() - start < 1
    assert low < frechet_distance(features, real) < high


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        (np.zeros((20, 1, 8, 8)), "cannot be compared"),
        (np.zeros((3, 1, 28, 28)), "too few"),
        (np.full((20, 1, 28, 28), np.nan), "not finite"),
    ],
)
def test_that_samples_that_cannot_be_measured_are_refused_in_words(samples: np.ndarray, reason: str) -> None:
    with pytest.raises(StudioError, match=reason):
        evaluate(samples, MNIST)
