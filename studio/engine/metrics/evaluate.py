"""All the numbers that a set of samples can be given against a data set, and how sure they are."""

import pkgutil
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.api import Dataset, MetricCard, StudioError, Table
from studio.engine.datasets.mixture import Mixture
from studio.engine.metrics import CARDS
from studio.engine.metrics.density_gap import density_gap
from studio.engine.metrics.modes import high_quality, modes_covered
from studio.engine.tables import snapped

Metric = Callable[[NDArray[Any], NDArray[Any]], float]
MOST_REAL = 2000
FEWEST = 8
MOST_MODES = 64


def evaluate(generated: NDArray[Any], dataset: Dataset, cards: Iterable[MetricCard] = CARDS) -> dict[str, float]:
    """Every metric that accepts the data set's space, by its card's id; of a table the likeliest categories are compared.

    Where the true density is known also "density_gap" (nats, 0 is perfect), and for separate Gaussians "modes_covered" and
    "high_quality". Real samples are at most 2,000 of the training part, spread evenly; of views those held out.

    Args:
        generated: (N, *space.shape), at least 8; of views one for each of those held out, in order.

    Raises:
        StudioError: samples of another shape, too few, or not finite.
    """
    space = dataset.signature.space
    _check(generated, None if space.kind == "tokens" else space.shape, len(dataset.validation) if space.kind == "views" else 0)
    real = reference(dataset)
    fitting = [card for card in cards if space.kind in card.accepts]
    if isinstance(space, Table):
        generated = snapped(generated, space)
    numbers = {card.id: float(pkgutil.resolve_name(card.implementation)(generated, real)) for card in fitting}
    return numbers | _against_truth(generated, dataset)


def reference(dataset: Dataset) -> NDArray[Any]:
    """The real samples that metrics compare with; of a text the whole stream, of a scene its held-out views."""
    if dataset.signature.space.kind == "tokens":
        return dataset.train
    if dataset.signature.space.kind == "views":
        return dataset.validation
    return dataset.train[np.linspace(0, len(dataset.train) - 1, min(len(dataset.train), MOST_REAL), dtype=np.int64)]


def interval(
    metric: Metric, generated: NDArray[Any], reference: NDArray[Any], resamples: int = 20, seed: int = 0
) -> tuple[float, float]:
    """About a 90 % bootstrap interval around the metric (Efron, 1979, https://doi.org/10.1214/aos/1176344552).

    The generated samples are drawn again with replacement. Repeated samples shift distances such as Fréchet's upwards, so the
    spread of the resampled numbers is laid around the number itself. For pictures pass features (`features.embed`): faster.
    """
    rng = np.random.default_rng(seed)
    picks = rng.integers(len(generated), size=(resamples, len(generated)))
    numbers = np.array([metric(generated[pick], reference) for pick in picks])
    value, (low, high) = metric(generated, reference), np.quantile(numbers, [0.05, 0.95])
    return float(value - (numbers.mean() - low)), float(value + (high - numbers.mean()))


def _against_truth(generated: NDArray[Any], dataset: Dataset) -> dict[str, float]:
    truth = dataset.log_density
    if truth is None:
        return {}
    numbers = {"density_gap": density_gap(generated, dataset.validation, truth)}
    if isinstance(truth, Mixture) and len(truth.centres) <= MOST_MODES:
        numbers |= {"modes_covered": modes_covered(generated, truth), "high_quality": high_quality(generated, truth)}
    return numbers


def _check(generated: NDArray[Any], shape: tuple[int, ...] | None, exactly: int) -> None:
    if shape is not None and generated.shape[1:] != shape:
        raise StudioError(f"These samples have shape {generated.shape[1:]}, the data {shape}: they cannot be compared.")
    if exactly and len(generated) != exactly:
        raise StudioError(f"{len(generated)} views cannot be compared with {exactly} held-out ones; render each of these.")
    if len(generated) < FEWEST and not exactly:
        raise StudioError(f"{len(generated)} samples are too few to measure; make at least {FEWEST}.")
    if not np.isfinite(generated).all():
        raise StudioError("Some samples are not finite: the model has diverged and cannot be measured.")
