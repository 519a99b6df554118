"""Flow matching, OT-CFM, rectified flow and CNF from noise: few steps in the plane, exact likelihood, digits."""

from functools import partial
from typing import Any, cast

import numpy as np
import ot
import torch

from studio.engine.metrics.frechet import frechet_distance
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.trained import leave, train, without_classes

CNF_STEPS, MNIST_STEPS = 600, 1000
PLAIN_STEPS, FEW = 2000, 2000


def likelihood_line() -> Result:
    """How far the held-out log-likelihood is from the true one."""
    data = without_classes("moons")
    trained = train("cnf", data, steps=CNF_STEPS, batch_size=256, width=64, depth=2, learning_rate=3e-3)
    x = data.validation
    score = trained.generator.scores()["log_prob"]
    with torch.no_grad():
        log_prob = score.score(torch.from_numpy(x), torch.empty(len(x), 0), {}).mean()
    truth = trained.dataset.log_density
    assert truth is not None
    return Result(ours=float(np.mean(truth(x.astype(np.float64))) - float(log_prob)), cpu_seconds=trained.cpu_seconds)


def few_steps(method: str, **params: Any) -> Result:
    """W2 squared to held-out moons after four Euler steps from noise, and after forty."""
    trained = train(
        method, without_classes("moons"), steps=PLAIN_STEPS, batch_size=256, width=64, depth=3, learning_rate=2e-3, **params
    )
    leave(trained, "moons", trained.sample(800, steps=40))
    held_out = np.asarray(trained.dataset.validation[:FEW], np.float64)

    def distance(steps: int) -> float:
        made = np.asarray(trained.sample(len(held_out), steps=steps, solver="euler"), np.float64)
        return float(cast(Any, ot.emd2([], [], ot.dist(held_out, made), numItermax=10**8)))

    notes = f"40 steps {distance(40):.3f}"
    return Result(ours=distance(4), cpu_seconds=trained.cpu_seconds, notes=notes)


def mnist_line() -> Result:
    """Few evaluations on pictures."""
    trained = train("flow_matching", "mnist", steps=MNIST_STEPS, batch_size=64, width=32, depth=1, patch=2, learning_rate=1.5e-3)
    distance = frechet_distance(trained.sample(500, steps=20), trained.dataset.train)
    floor = frechet_distance(trained.dataset.validation, trained.dataset.train)
    return Result(ours=distance, cpu_seconds=trained.cpu_seconds, notes=f"midpoint steps; held-out digits {floor:.2f}")


LINES: tuple[Line, ...] = (
    *(
        Line(
            name=f"{method} moons 4 steps", method=method, dataset="moons", budget=f"{PLAIN_STEPS} steps of 256",
            metric="W2² of 4 Euler steps from noise", better="lower", measure=partial(few_steps, method, **params),
        )
        for method, params in {"flow_matching": {}, "ot_cfm": {}, "rectified_flow": {"reflows": 1, "pairs": 50_000}}.items()
    ),
    Line(
        name="cnf moons likelihood", method="cnf", dataset="moons, no classes", better="lower",
        budget=f"{CNF_STEPS} steps of 256",
        metric="held-out NLL above the entropy, nats", measure=likelihood_line,
    ),
    Line(
        name="flow_matching mnist frechet", method="flow_matching", dataset="MNIST-5k", budget=f"{MNIST_STEPS} steps of 64",
        metric="FD-mnist of 500 samples, 20 evaluations", better="lower", measure=mnist_line,
    ),
)  # fmt: skip
