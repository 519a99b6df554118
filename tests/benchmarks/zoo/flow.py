"""Flows: how far their likelihood is from the best possible one, which is known for points, and bits a pixel of digits."""

import math
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.api import Dataset, Image
from studio.kit.dequantize import bits_per_dim
from studio.kit.generator import Generator
from tests.benchmarks.zoo import trained
from tests.benchmarks.zoo.line import Line, Result

BATCH, RATE, CLIP, WARM_UP = 512, 5e-3, 5.0, 50
TESTED = 50_000
AVERAGED = 8
POINTS: Mapping[str, Mapping[str, Any]] = {
    "spline": {"steps": 1800, "couplings": 3, "bins": 16, "width": 48},
    "glow": {"steps": 1500, "flow_steps": 8, "width": 48},
    "realnvp": {"steps": 1500, "couplings": 8, "width": 48},
    "maf": {"steps": 1500, "layers": 8, "width": 64},
}
DIGITS: Mapping[str, Any] = {"steps": 500, "batch_size": 128, "couplings": 2, "scales": 1, "bins": 8, "width": 32}


def fresh_points() -> NDArray[np.float64]:
    """Points of the eight Gaussians that no training saw."""
    mixture: Any = trained.dataset("eight_gaussians").log_density
    return mixture.sample(TESTED, np.random.default_rng(12345))[0]


def gap_of(log_prob: Tensor, points: NDArray[np.float64]) -> float:
    """Kullback-Leibler divergence in nats: the mean of true minus modelled log-density over true points."""
    truth: Any = trained.dataset("eight_gaussians").log_density
    return float(truth(points).mean() - log_prob.double().mean())


def log_prob(generator: Generator, x: Tensor, noise: Tensor | None = None) -> Tensor:
    """The method's score (n,)."""
    with torch.no_grad():
        return generator.scores()["log_prob"].score(x, torch.empty(len(x), 0) if noise is None else noise, {})


def eight_gaussians(method: str) -> tuple[float, float]:
    """Gap and processor seconds of one of ours."""
    data = trained.without_classes("eight_gaussians")
    ours = trained.train(method, data, batch_size=BATCH, learning_rate=RATE, clip=CLIP, **POINTS[method])
    points = fresh_points()
    return gap_of(log_prob(ours.generator, torch.from_numpy(points).float()), points), ours.cpu_seconds


def zuko_gap(seconds: float) -> tuple[float, int]:
    """Gap and steps of zuko's spline flow after as many processor seconds, with our batch, optimiser and schedule."""
    import zuko

    torch.manual_seed(0)
    flow = zuko.flows.NSF(2, transforms=3, bins=8, hidden_features=(64, 64))
    optimizer = torch.optim.AdamW(flow.parameters(), RATE, weight_decay=0.0, fused=True)
    x = torch.from_numpy(trained.dataset("eight_gaussians").train)
    begun, steps = time.process_time(), 0
    while (fraction := (time.process_time() - begun) / seconds) < 1:
        steps += 1
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, steps / WARM_UP) * 0.5 * (1 + math.cos(math.pi * fraction))
        optimizer.zero_grad(set_to_none=True)
        (-flow().log_prob(x[torch.randint(len(x), (BATCH,))]).mean() / 2).backward()
        torch.nn.utils.clip_grad_norm_(flow.parameters(), CLIP)
        optimizer.step()
    points = fresh_points()
    with torch.no_grad():
        return gap_of(flow().log_prob(torch.from_numpy(points).float()), points), steps


def beside_zuko() -> Result:
    """Our spline flow, then zuko's for the same processor time."""
    ours, seconds = eight_gaussians("spline")
    peer, steps = zuko_gap(seconds)
    mine = POINTS["spline"]["steps"]
    notes = f"{1e3 * seconds / mine:.1f} ms a step, zuko {1e3 * seconds / steps:.1f} ms ({steps} steps)"
    return Result(ours=ours, peer=peer, cpu_seconds=seconds, notes=notes)


def alone(method: str) -> Result:
    """One of ours on the eight Gaussians."""
    ours, seconds = eight_gaussians(method)
    return Result(ours=ours, cpu_seconds=seconds)


def bits_of(generator: Generator, pictures: NDArray[Any]) -> float:
    """Bits a pixel of held-out pictures, the mean of several draws of the dequantisation noise."""
    x, drawn = torch.from_numpy(pictures), torch.Generator().manual_seed(0)
    space = generator.space
    assert isinstance(space, Image)
    draws = [log_prob(generator, x, torch.rand(x.shape, generator=drawn)) for _ in range(AVERAGED)]
    return float(bits_per_dim(torch.stack(draws), space).mean())


def digits(method: str, params: Mapping[str, Any]) -> Result:
    """Bits a pixel on the studio's split and on the one that the independent histogram was measured on, without classes."""
    from sklearn.datasets import load_digits

    studio = trained.without_classes("digits")
    pictures = (load_digits().images[:, None] / 8 - 1).astype(np.float32)
    order = np.random.RandomState(0).permutation(len(pictures))
    other = Dataset(studio.signature, pictures[order[:1497]], pictures[order[1497:]])
    models = [trained.train(method, data, learning_rate=RATE, clip=CLIP, **params) for data in (studio, other)]
    bits = [bits_of(model.generator, model.dataset.validation) for model in models]
    return Result(ours=bits[0], cpu_seconds=models[0].cpu_seconds, notes=f"{bits[1]:.3f} on the split of `RandomState(0)`")


def _points_line(method: str, title: str) -> Line:
    return Line(
        name=f"{method} eight_gaussians gap",
        method=method,
        dataset="8 Gaussians, no classes",
        budget=f"{POINTS[method]['steps']} steps of {BATCH}, one thread",
        metric=title,
        better="lower",
        measure=lambda: alone(method),
        reference=ELSEWHERE.get(method, ("", 0.0))[0],
        published=ELSEWHERE[method][1] if method in ELSEWHERE else None,
    )


GAP = "NLL above the true entropy, nats"
ELSEWHERE = {
    "realnvp": ("zuko Real NVP of 8 couplings, 1500 steps, measured in an earlier study here", 0.184),
    "maf": ("zuko MAF of 5 layers, 1500 steps, measured in an earlier study here", 0.251),
}

LINES = (
    Line(
        name="spline eight_gaussians gap",
        method="spline",
        dataset="8 Gaussians, no classes",
        budget=f"{POINTS['spline']['steps']} steps of {BATCH}, one thread",
        metric=GAP,
        better="lower",
        target=0.03,
        reference="zuko NSF of 3 transforms, same processor time, batch and schedule",
        measure=beside_zuko,
    ),
    *(_points_line(method, GAP) for method in ("glow", "realnvp", "maf")),
    Line(
        name="spline digits bits",
        method="spline",
        dataset="digits 8x8, no classes",
        budget=f"{DIGITS['steps']} steps of {DIGITS['batch_size']}, one thread",
        metric="test bits a pixel (dequantised: an upper bound)",
        better="lower",
        target=2.6,
        reference="independent histogram of each pixel on the split of `RandomState(0)`",
        published=2.429,
        measure=lambda: digits("spline", DIGITS),
    ),
)
