"""Diffusion: exact likelihoods in the plane, EDM on MNIST-5k, and solvers beside diffusers' on the same network and noise."""

from functools import cache

import diffusers
import numpy as np
import torch
from studio_diffusion.ddpm import DDPM

from studio.api import NoiseStream
from studio.engine.metrics.evaluate import reference
from studio.engine.metrics.frechet import frechet_distance
from studio.kit.insight import grid
from studio.kit.schedules import alphas_cumprod
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.mnist_edm import BUDGET, of_every_class, teacher
from tests.benchmarks.zoo.trained import Trained, train, without_classes

SAMPLES = 1000
REACH, SIDE, HELD_OUT = 3.0, 65, 2000
SOLVERS = (("ddim", 50), ("ddim", 20), ("heun", 19), ("dpmpp_2m", 20), ("ddim", 10), ("heun", 9), ("dpmpp_2m", 10))


def likelihood(name: str, steps: int, sde: str) -> Result:
    """Train score_sde and hold its exact log-likelihood of held-out points against the true density's."""
    trained = train(
        "score_sde",
        without_classes(name),
        steps=steps,
        batch_size=256,
        width=64,
        depth=3,
        learning_rate=2e-3,
        ema=0.995,
        sde=sde,
        weighting="likelihood",
    )
    held_out = trained.dataset.validation[:HELD_OUT]
    assert trained.dataset.log_density is not None
    truth = trained.dataset.log_density(held_out.astype(np.float64)).mean()
    mass = float(log_prob(trained, grid(SIDE, REACH)).exp().sum()) * (2 * REACH / (SIDE - 1)) ** 2
    ours = float(log_prob(trained, torch.from_numpy(held_out)).mean())
    return Result(
        ours=truth - ours, cpu_seconds=trained.cpu_seconds,
        notes=f"negative log-likelihood {-ours:.3f} nats, entropy {-truth:.3f}; the density adds up to {mass:.4f} on a grid",
    )  # fmt: skip


@torch.no_grad()
def log_prob(trained: Trained, points: torch.Tensor) -> torch.Tensor:
    """The exact log-likelihood in nats: (n, 2) -> (n,)."""
    return trained.generator.scores()["log_prob"].score(points, torch.empty(len(points), 0), {})


def elucidated() -> Result:
    """The Fréchet distance of the teacher's samples by Heun, and with fewer evaluations and with churn."""
    trained = teacher()

    def distance(**controls: object) -> float:
        return frechet_distance(of_every_class(trained, SAMPLES, **controls), reference(trained.dataset))

    churned = distance(steps=35, s_churn=10.0)
    notes = f"with churn 10 {churned:.3f}; dpmpp_2m with 10 evaluations {distance(solver='dpmpp_2m', steps=10):.3f}"
    return Result(ours=distance(steps=35), cpu_seconds=trained.cpu_seconds, notes=notes)


@cache
def digits() -> Trained:
    """DDPM on the 8x8 digits, whose weights all solvers below share."""
    return train(
        "ddpm", without_classes("digits"), steps=1200, batch_size=64, width=32, schedule="cosine", prediction="v", ema=0.995
    )  # fmt: skip


def solved() -> Result:
    """DPM-Solver++ 2M with 20 evaluations beside diffusers' on the same network from the same noise, and the other solvers."""
    trained = digits()
    found = {
        (solver, steps): frechet_distance(trained.sample(SAMPLES, solver=solver, steps=steps), reference(trained.dataset))
        for solver, steps in SOLVERS
    }
    notes = ", ".join(f"{solver} {steps}: {distance:.2f}" for (solver, steps), distance in found.items())
    peer = frechet_distance(by_diffusers(trained, 20), reference(trained.dataset))
    return Result(ours=found["dpmpp_2m", 20], peer=peer, cpu_seconds=trained.cpu_seconds, notes=notes)


@torch.no_grad()
def by_diffusers(trained: Trained, steps: int) -> np.ndarray:
    """Samples (SAMPLES, 1, 8, 8) of the same network by diffusers' DPMSolverMultistepScheduler."""
    ddpm, parts = trained.generator, list[torch.Tensor]()
    assert isinstance(ddpm, DDPM)
    bar = alphas_cumprod("cosine", ddpm.timesteps)
    betas = 1 - bar / torch.cat([torch.ones(1), bar[:-1]])
    for first in range(0, SAMPLES, 250):
        scheduler = diffusers.DPMSolverMultistepScheduler(
            trained_betas=betas.tolist(), prediction_type="v_prediction", timestep_spacing="trailing"
        )
        scheduler.set_timesteps(steps)
        noise = ddpm.samplers()["sample"].plan.initial
        assert noise is not None
        x = torch.from_numpy(NoiseStream(1 + first, 250).draw(noise))
        for t in scheduler.timesteps:
            x = scheduler.step(ddpm.average(x, ddpm.time(t).expand(len(x))), t, x).prev_sample
        parts.append(x)
    return torch.cat(parts).numpy()


LINES = (
    Line(
        "ddpm digits solvers", "ddpm", "digits 8x8", "1200 steps of 64, one thread",
        f"FD-digits-v1 of DPM-Solver++ 2M with 20 evaluations, {SAMPLES:,} samples", "lower", solved,
        reference="diffusers' DPMSolverMultistepScheduler, same network and noise",
    ),
    Line(
        "edm mnist", "edm", "MNIST-5k", BUDGET, f"FD-mnist-v1 of 35 evaluations (Heun), {SAMPLES:,} samples", "lower", elucidated,
    ),
    Line(
        "score_sde moons likelihood", "score_sde", "moons", "5000 steps of 256, one thread",
        "gap of the exact log-likelihood to the truth (nats)", "lower", lambda: likelihood("moons", 5000, "vp"),
    ),
    Line(
        "score_sde eight_gaussians likelihood", "score_sde", "8 Gaussians", "5000 steps of 256, one thread",
        "gap of the exact log-likelihood to the truth (nats)", "lower", lambda: likelihood("eight_gaussians", 5000, "vp"),
    ),
)  # fmt: skip
