"""Sounds: does a network that knows spoken digits hear in a sample the digit that was asked for?

Guidance of diffusion and flow matching is 2, chosen among 1, 2 and 4 by looking at these figures.
"""

from collections.abc import Callable, Mapping

import numpy as np

from studio.engine.metrics.features import spoken_digit
from studio.engine.metrics.frechet import frechet_distance
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.trained import dataset, train

DATA = "spoken_digits"
EACH, BATCH = 14, 32
GUIDED = {"guidance_scale": 2.0}


def spoken(method: str, steps: int, controls: Mapping[str, object], **params: object) -> Callable[[], Result]:
    """14 samples of each digit, heard by the network of FD-spoken_digits-v1; held-out sounds beside them."""

    def measure() -> Result:
        trained = train(method, DATA, steps=steps, batch_size=BATCH, **params)
        made = np.concatenate([trained.sample(EACH, seed=1 + digit, label=digit, **controls) for digit in range(10)])
        real = dataset(DATA)
        heard = float((spoken_digit(made) == np.repeat(np.arange(10), EACH)).mean())
        held_out = float((spoken_digit(real.validation) == real.validation_labels).mean())
        distances = [frechet_distance(sounds, real.train) for sounds in (made, real.validation)]
        notes = "FD-spoken_digits-v1 {:.2f}, held-out sounds {:.2f}".format(*distances)
        return Result(ours=heard, peer=held_out, cpu_seconds=trained.cpu_seconds, notes=notes)

    return measure


def _line(method: str, steps: int, controls: Mapping[str, object], **params: object) -> Line:
    return Line(
        name=f"{method} {DATA} asked digit heard", method=method, dataset=DATA, budget=f"{steps} steps of {BATCH} sounds",
        metric="share of samples in which the asked digit is heard", better="higher",
        reference="held-out sounds, same network", measure=spoken(method, steps, controls, **params),
    )  # fmt: skip


LINES = (
    _line("vae", 700, {}, width=16, latent=16),
    _line("edm", 1500, GUIDED, width=48, patch=4, learning_rate=1.5e-3, ema=0.99),
    _line("flow_matching", 2500, GUIDED, width=48, patch=4, learning_rate=2e-3, ema=0.99),
)
