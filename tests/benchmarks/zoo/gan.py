"""The GANs: lost modes, pictures at equal processor time, and variety traded for quality."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.engine.datasets.mixture import Mixture
from studio.engine.metrics.frechet import frechet_distance
from studio.engine.metrics.modes import high_quality, modes_covered
from studio.engine.metrics.prdc import precision, recall
from studio.engine.metrics.sliced_wasserstein import sliced_wasserstein
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.trained import Trained, train, without_classes

SAMPLES = 2500
PICTURES = 1000
VEEGAN = "VEEGAN (Srivastava et al., 2017, arXiv:1705.07761, table 1)"


@cache
def grid() -> Trained:
    """R3GAN on 25 Gaussians, trained without classes."""
    return train(
        "r3gan", without_classes("twentyfive_gaussians"), steps=18_000, batch_size=128, latent=2, width=64, depth=3,
        octaves=5, penalty=0.05, penalty_end=1e-3, penalty_every=4, learning_rate=2e-3, rate_end=0.02, ema=0.998,
    )  # fmt: skip


def grid_quality() -> Result:
    """Share of points within three deviations of a mode."""
    trained = grid()
    made, real = trained.sample(SAMPLES), trained.dataset.validation[:SAMPLES]
    notes = f"{SAMPLES} points, no classes told; real points {high_quality(real, _truth(trained)):.3f}"
    return Result(ours=high_quality(made, _truth(trained)), cpu_seconds=trained.cpu_seconds, notes=notes)


def grid_modes() -> Result:
    """Modes with at least one point within three deviations."""
    trained = grid()
    made = trained.sample(SAMPLES)
    nearest = np.linalg.norm(made[:, None] - _truth(trained).centres, axis=2).argmin(1)
    counts = np.bincount(nearest, minlength=25)
    notes = f"the same training; the rarest mode gets {counts.min()} of {SAMPLES} points, the commonest {counts.max()}"
    return Result(ours=modes_covered(made, _truth(trained)), cpu_seconds=trained.cpu_seconds, notes=notes)


def _truth(trained: Trained) -> Mixture:
    assert isinstance(trained.dataset.log_density, Mixture)
    return trained.dataset.log_density


def wasserstein() -> Result:
    """WGAN-GP and DCGAN on 8 Gaussians without classes, in steps that cost the same."""
    data = without_classes("eight_gaussians")
    shape = {"latent": 2, "width": 64, "depth": 2}
    ours = train("wgan_gp", data, steps=3500, batch_size=128, penalty=0.1, learning_rate=1e-3, **shape)
    peer = train("dcgan", data, steps=3000, batch_size=128, penalty=0.1, learning_rate=1e-3, **shape)
    distances = [sliced_wasserstein(trained.sample(SAMPLES), data.validation[:SAMPLES]) for trained in (ours, peer)]
    floor = sliced_wasserstein(data.train[:SAMPLES], data.validation[:SAMPLES])
    notes = f"dcgan {peer.cpu_seconds:.0f} CPU s; real points {floor:.3f}"
    return Result(ours=distances[0], peer=distances[1], cpu_seconds=ours.cpu_seconds, notes=notes)


def styles() -> Result:
    """StyleGAN and DCGAN on Emoji-32 at equal processor time, about 120 s each."""
    ours = train("stylegan", "emoji", steps=800, batch_size=16, width=16, path_length=0.0)
    peer = train("dcgan", "emoji", steps=1450, batch_size=16, width=32)
    reference = ours.dataset.train[:PICTURES]
    distances = [frechet_distance(trained.sample(PICTURES), reference) for trained in (ours, peer)]
    floor = frechet_distance(ours.dataset.train[PICTURES : 2 * PICTURES], reference)
    notes = f"dcgan {peer.cpu_seconds:.0f} CPU s; real pictures {floor:.2f}"
    return Result(ours=distances[0], peer=distances[1], cpu_seconds=ours.cpu_seconds, notes=notes)


def truncation() -> Result:
    """BigGAN on MNIST-5k with its classes, and what truncation does to variety."""
    trained = train("biggan", "mnist", steps=800, batch_size=32, width=8, latent=48)
    reference = trained.dataset.train[:PICTURES]
    made = {threshold: trained.sample(PICTURES, truncation=threshold) for threshold in (3.0, 1.0, 0.5, 0.1)}
    curve = ", ".join(f"{threshold:g}: {_trade(pictures, reference)}" for threshold, pictures in made.items())
    notes = f"threshold: precision/recall {curve}"
    return Result(ours=frechet_distance(made[3.0], reference), cpu_seconds=trained.cpu_seconds, notes=notes)


def _trade(pictures: NDArray[Any], reference: NDArray[Any]) -> str:
    return f"{precision(pictures, reference):.2f}/{recall(pictures, reference):.2f}"


LINES = (
    Line(
        name="r3gan twentyfive_gaussians high quality", method="r3gan", dataset="25 Gaussians",
        budget="18,000 steps of 128, one thread", metric="share within 3 sigma", better="higher",
        target=0.9, reference=VEEGAN, published=0.40, measure=grid_quality,
    ),
    Line(
        name="r3gan twentyfive_gaussians modes", method="r3gan", dataset="25 Gaussians",
        budget="18,000 steps of 128, one thread", metric="modes of 25", better="higher",
        target=25, reference=VEEGAN, published=24.6, measure=grid_modes,
    ),
    Line(
        name="wgan_gp eight_gaussians sliced wasserstein", method="wgan_gp", dataset="8 Gaussians",
        budget="3,500 steps of 128, one thread", metric="sliced Wasserstein-2", better="lower",
        reference="dcgan, equal time", measure=wasserstein,
    ),
    Line(
        name="stylegan emoji frechet", method="stylegan", dataset="Emoji-32",
        budget="800 steps of 16, one thread", metric="FD-emoji-v1, 1,000 pictures", better="lower",
        reference="dcgan, equal time", measure=styles,
    ),
    Line(
        name="biggan mnist truncation", method="biggan", dataset="MNIST-5k",
        budget="800 steps of 32, one thread", metric="FD-mnist-v1, 1,000 pictures", better="lower", measure=truncation,
    ),
)  # fmt: skip
