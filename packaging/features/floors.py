"""Print what the metrics say of real held-out pictures and of damaged ones, 256 each, to read other numbers by.

Run: python packaging/features/floors.py
"""

from collections.abc import Mapping

import numpy as np

from studio.api import Dataset
from studio.engine.datasets import digits, emoji, mnist
from studio.engine.metrics.evaluate import evaluate, interval, reference
from studio.engine.metrics.features import embed, network_name
from studio.engine.metrics.frechet import frechet_distance

N = 256


def main() -> None:
    """One line for each kind of damage; the interval is that of the Fréchet distance."""
    for dataset in (digits.load(), mnist.load(), emoji.load()):
        print(f"\n{network_name(dataset.signature.space.shape)}, {N} pictures against {len(reference(dataset))}")
        for name, pictures in damaged(dataset).items():
            low, high = interval(frechet_distance, embed(pictures), embed(reference(dataset)))
            numbers = "  ".join(f"{key} {value:.3f}" for key, value in evaluate(pictures, dataset).items())
            print(f"{name:20} {numbers}  ({low:.2f} to {high:.2f})")


def damaged(dataset: Dataset) -> Mapping[str, np.ndarray]:
    """Held-out pictures, as they are and damaged, and pictures that are none."""
    rng, real = np.random.default_rng(0), dataset.validation[:N]
    shape, labels = (N, *real.shape[1:]), dataset.train_labels
    kept = dataset.train if labels is None else dataset.train[labels > 1]
    neighbours = [np.roll(real, (down, right), (2, 3)) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    by_pixel = dataset.train.mean(0) + dataset.train.std(0) * rng.standard_normal(shape)
    return {
        "held out": real,
        "training": dataset.train[:N],
        "two classes missing": kept[:N],
        "noise 0.2": np.clip(real + 0.2 * rng.standard_normal(shape), -1, 1),
        "blurred": np.mean(neighbours, axis=0),
        "one picture": np.repeat(real[:1], N, 0),
        "pixel by pixel": np.clip(by_pixel, -1, 1),
        "uniform": rng.uniform(-1, 1, shape),
    }


if __name__ == "__main__":
    main()
