import numpy as np
import pytest

from studio.engine.datasets.catalog import CARDS
from studio.engine.datasets.checkerboard import SQUARE
from studio.engine.datasets.reference import open_dataset

TOYS = [card.id for card in CARDS if card.kind == "points"]
cards = {card.id: card for card in CARDS}


def grid(side: int) -> tuple[np.ndarray, float]:
    """Midpoints (side², 2) of a square grid around all toys, whose lines meet the checkerboard's edges, and a cell's area."""
    reach = 3.2 * SQUARE
    step = 2 * reach / side
    places = (np.arange(side) + 0.5) * step - reach
    return np.stack(np.meshgrid(places, places), -1).reshape(-1, 2), step**2


@pytest.mark.parametrize("name", TOYS)
def test_that_the_density_of_a_toy_integrates_to_one_and_is_that_of_its_samples(name: str) -> None:
    dataset = open_dataset(name, cards)
    assert dataset.log_density is not None
    points, cell = grid(side=320 if name == "twentyfive_gaussians" else 160)
    log_density = dataset.log_density(points)
    density = np.exp(log_density)
    assert density.sum() * cell == pytest.approx(1, abs=1e-3)

    entropy = -(density * np.where(density > 0, log_density, 0)).sum() * cell
    of_samples = -dataset.log_density(dataset.train[:5000])
    error = of_samples.std() / np.sqrt(len(of_samples))
    assert of_samples.mean() == pytest.approx(entropy, abs=4 * error + 1e-3)


@pytest.mark.parametrize("name", TOYS)
def test_that_a_toy_is_standardised_float32_and_the_same_every_time(name: str) -> None:
    first, second = open_dataset(name, cards), open_dataset(name, cards)
    assert first.train.dtype == np.float32
    assert first.train.shape == (20_000, 2)
    assert np.array_equal(first.train, second.train)
    assert abs(first.train.mean(0)).max() < 0.05
    assert first.train.var(0).mean() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("name", ["eight_gaussians", "twentyfive_gaussians", "moons", "rings"])
def test_that_classes_name_the_part_a_point_was_drawn_from(name: str) -> None:
    dataset = open_dataset(name, cards)
    assert dataset.train_labels is not None
    assert set(dataset.train_labels) == set(range(len(dataset.signature.classes)))
    if name == "rings":
        radius = np.linalg.norm(dataset.train, axis=1)
        means = [radius[dataset.train_labels == k].mean() for k in range(3)]
        assert means == sorted(means)


def test_that_another_seed_gives_other_points_of_the_same_shape() -> None:
    from studio.engine.datasets.moons import load

    assert not np.array_equal(load(seed=1).train, load(seed=2).train)
