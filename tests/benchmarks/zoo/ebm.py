"""Energy-based models: densities integrated on a grid, and strangers told by their energy."""

import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any, cast

import numpy as np
import torch
from studio_ebm.energy import EnergyBased
from torch import Tensor
from torch.nn import functional as F

from studio.engine.metrics.density_gap import density_gap
from studio.engine.metrics.frechet import frechet_distance
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.trained import dataset, train

REACH, SIDE = 5.0, 600


def log_partition(energy: Callable[[Tensor], Tensor]) -> float:
    """The logarithm of the integral of exp(-energy) over a square, by the trapezoid rule on a grid of 1/60."""
    axis = torch.linspace(-REACH, REACH, SIDE)
    rows = [torch.stack([axis, y.expand(SIDE)], dim=1) for y in axis]
    return float(torch.stack([-energy(row) for row in rows]).flatten().logsumexp(0)) + 2 * math.log(2 * REACH / (SIDE - 1))


def gap(method: str, data: str, steps: int, batch_size: int, **params: Any) -> Result:
    """How far the model's log-density of held-out points is below the true one, and how likely its samples are."""
    trained = train(method, data, steps=steps, batch_size=batch_size, **params)
    model = cast(EnergyBased, trained.generator)
    held_out, truth = trained.dataset.validation, trained.dataset.log_density
    assert truth is not None
    with torch.no_grad():
        log_prob = -model.energy(torch.from_numpy(held_out)) - log_partition(model.energy)
    samples = trained.sample(2000)
    crowd = density_gap(samples, held_out, truth)
    ours = float(truth(held_out.astype(np.float64)).mean() - log_prob.mean())
    return Result(ours=ours, cpu_seconds=trained.cpu_seconds, notes=f"samples {crowd:.2f} nats less likely than data")


@cache
def strangers() -> Tensor:
    """Held-out MNIST digits shrunk to 8x8 pixels of 17 levels, (500, 1, 8, 8)."""
    pictures = torch.from_numpy(dataset("mnist").validation)
    small = F.adaptive_avg_pool2d(pictures, 8)
    return ((small + 1) * 8).round() / 8 - 1


def auroc(low: Tensor, high: Tensor) -> float:
    """The probability that a number of `high` is above one of `low`; ties count half."""
    difference = high[:, None] - low
    return float((difference > 0).float().mean() + 0.5 * (difference == 0).float().mean())


def telling(method: str, steps: int, batch_size: int, **params: Any) -> Result:
    """The area under the curve of held-out digits against strangers, by the energy of no particular class."""
    trained = train(method, "digits", steps=steps, batch_size=batch_size, **params)
    model = cast(EnergyBased, trained.generator)
    with torch.no_grad():
        own, strange = model.energy(torch.from_numpy(trained.dataset.validation)), model.energy(strangers())
    uniform = torch.rand(300, 1, 8, 8, generator=torch.Generator().manual_seed(0)) * 2 - 1
    with torch.no_grad():
        against_noise = auroc(own, model.energy(uniform))
    distance = frechet_distance(trained.sample(1000), trained.dataset.train[:1000])
    notes = f"{against_noise:.3f} against uniform noise; samples' FD-digits {distance:.2f}"
    return Result(ours=auroc(own, strange), cpu_seconds=trained.cpu_seconds, notes=notes)


TOYS = {"eight_gaussians": (0.15, 0.05), "rings": (0.08, 0.03), "moons": (0.12, 0.05)}
"""The chains' step size and the smallest noise, by the finest structure of the data (deviations 0.14, 0.065 and 0.11)."""

LINES = (
    *(
        Line(
            name=f"ebm {data} gap", method="ebm", dataset=data, budget="2000 steps of 256, 20 moves", better="lower", target=0.1,
            metric="nats above the true entropy, log Z on a grid",
            measure=partial(gap, "ebm", data, 2000, 256, step_size=step_size, restart=0.1),
        )
        for data, (step_size, _) in TOYS.items()
    ),
    *(
        Line(
            name=f"score_matching {data} gap", method="score_matching", dataset=data, budget="1500 steps of 256", better="lower",
            metric="nats above the true entropy, log Z on a grid", target=0.1,
            measure=partial(gap, "score_matching", data, 1500, 256, width=96, depth=3, sigma_min=sigma_min),
        )
        for data, (_, sigma_min) in TOYS.items()
    ),
    Line(
        name="ebm digits auroc", method="ebm", dataset="digits 8x8 against MNIST at 8x8", budget="600 steps of 64, 20 moves",
        metric="AUROC of the energy", better="higher",
        measure=partial(telling, "ebm", 600, 64, width=24, depth=1, data_noise=0.1, step_size=0.1, learning_rate=3e-4),
    ),
    Line(
        name="score_matching digits auroc", method="score_matching", dataset="digits 8x8 against MNIST at 8x8",
        budget="1000 steps of 64", metric="AUROC of the energy at the smallest noise", better="higher",
        measure=partial(telling, "score_matching", 1000, 64, width=24, depth=1, sigma_min=0.05, sigma_max=8.0),
    ),
)  # fmt: skip
