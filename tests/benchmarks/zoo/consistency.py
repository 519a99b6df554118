"""Consistency models on MNIST-5k, beside the EDM that teaches them.

Distillation's noise level before the second evaluation was chosen among seven on one student of 340 steps, with other noise than
that of the samples measured here. Training's settings come from the 8x8 digits.
"""

from functools import cache, partial
from typing import Any

import torch
from numpy.typing import NDArray

from studio.engine.metrics.evaluate import reference
from studio.engine.metrics.frechet import frechet_distance
from studio.kit.sampler import sample
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.mnist_edm import of_every_class, teacher
from tests.benchmarks.zoo.trained import Trained, train

SAMPLES = 1000
TRAINING: dict[str, Any] = {"steps": 400, "batch_size": 64, "learning_rate": 1e-3, "ema": 0.98, "doublings": 4}
DISTILLATION: dict[str, Any] = {
    "steps": 280, "batch_size": 16, "learning_rate": 1e-3, "ema": 0.98, "levels": 10, "reach": 9, "solver": "dpmpp_2m",
}  # fmt: skip
METRIC = "FD-mnist-v1 of 2 evaluations over its teacher's of 35, 1,000 samples each"
PEER = "its teacher, the edm of this table"


def distance(samples: NDArray[Any], trained: Trained) -> float:
    """The Fréchet distance from the training pictures."""
    return frechet_distance(samples, reference(trained.dataset))


@cache
def taught() -> float:
    """The teacher's own distance."""
    return distance(of_every_class(teacher(), SAMPLES, steps=35), teacher())


def jumped(student: Trained, steps: int, sigma: float) -> NDArray[Any]:
    """Samples of a student, the classes in turn as the teacher's."""
    machine, parts = student.generator.samplers()["sample"], list[torch.Tensor]()
    for first in range(0, SAMPLES, 250):
        label = (first + torch.arange(250)) % student.generator.classes
        parts.append(sample(machine, 250, 1 + first, {"label": label}, {"steps": steps, "sigma": sigma}))
    return torch.cat(parts).numpy()


def held_against_teacher(method: str, sigma: float, choices: dict[str, Any]) -> Result:
    """Train a student of the teacher and hold its two-step samples against the teacher's."""
    master = teacher()
    student = train(method, "mnist", inputs={"teacher": master.generator}, **choices)
    one, two = (distance(jumped(student, evaluations, sigma), student) for evaluations in (1, 2))
    share = 100 * student.cpu_seconds / master.cpu_seconds
    notes = f"FD {two:.3f} in 2 steps, {one:.3f} in 1, teacher {taught():.3f}; {share:.0f} % of the teacher's training time"
    return Result(ours=two / taught(), cpu_seconds=student.cpu_seconds, notes=notes)


def line(method: str, sigma: float, choices: dict[str, Any]) -> Line:
    """A method's line of the table."""
    budget = f"{choices['steps']} steps of {choices['batch_size']}"
    measure = partial(held_against_teacher, method, sigma, choices)
    return Line(f"{method} mnist", method, "MNIST-5k", budget, METRIC, "lower", measure, target=1.25, reference=PEER)


LINES = (line("consistency_training", 0.8, TRAINING), line("consistency_distillation", 1.1, DISTILLATION))
