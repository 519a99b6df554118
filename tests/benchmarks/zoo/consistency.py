"""Consistency models on MNIST-5k, beside the EDM that teaches them."""

from functools import cache
from typing import Any

import torch
from numpy.typing import NDArray

from studio.engine.metrics.evaluate import reference
from studio.engine.metrics.frechet import frechet_distance
from studio.kit.sampler import sample
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.mnist_edm import of_every_class, teacher
from tests.benchmarks.zoo.trained import Trained, train

SAMPLES, BATCH, SIGMA = 1000, 64, 0.8
TRAINING_STEPS, DISTILLATION_STEPS = 400, 270
TRAINING: dict[str, Any] = {"learning_rate": 1e-3, "ema": 0.98, "doublings": 4}
DISTILLATION: dict[str, Any] = {"learning_rate": 5e-4, "ema": 0.98, "levels": 8}
METRIC = "FD-mnist-v1 of 2 evaluations over its teacher's of 35, 1,000 samples each"
PEER = "its teacher, the edm of this table"


def distance(samples: NDArray[Any], trained: Trained) -> float:
    """The Fréchet distance from the training pictures."""
    return frechet_distance(samples, reference(trained.dataset))


@cache
def taught() -> float:
    """The teacher's own distance."""
    return distance(of_every_class(teacher(), SAMPLES, steps=35), teacher())


def jumped(student: Trained, steps: int) -> NDArray[Any]:
    """Samples of a student, the classes in turn as the teacher's."""
    machine, parts = student.generator.samplers()["sample"], list[torch.Tensor]()
    for first in range(0, SAMPLES, 250):
        label = (first + torch.arange(250)) % student.generator.classes
        parts.append(sample(machine, 250, 1 + first, {"label": label}, {"steps": steps, "sigma": SIGMA}))
    return torch.cat(parts).numpy()


def held_against_teacher(method: str, steps: int, choices: dict[str, Any]) -> Result:
    """Train a student of the teacher and hold its two-step samples against the teacher's."""
    master = teacher()
    student = train(method, "mnist", steps=steps, batch_size=BATCH, inputs={"teacher": master.generator}, **choices)
    one, two = (distance(jumped(student, evaluations), student) for evaluations in (1, 2))
    share = 100 * student.cpu_seconds / master.cpu_seconds
    notes = f"FD {two:.3f} in 2 steps, {one:.3f} in 1, teacher {taught():.3f}; {share:.0f} % of the teacher's training time"
    return Result(ours=two / taught(), cpu_seconds=student.cpu_seconds, notes=notes)


LINES = (
    Line(
        "consistency_training mnist", "consistency_training", "MNIST-5k", f"{TRAINING_STEPS} steps of {BATCH}", METRIC, "lower",
        lambda: held_against_teacher("consistency_training", TRAINING_STEPS, TRAINING), target=1.25, reference=PEER,
    ),
    Line(
        "consistency_distillation mnist", "consistency_distillation", "MNIST-5k", f"{DISTILLATION_STEPS} steps of {BATCH}",
        METRIC, "lower", lambda: held_against_teacher("consistency_distillation", DISTILLATION_STEPS, DISTILLATION), target=1.25,
        reference=PEER,
    ),
)  # fmt: skip
