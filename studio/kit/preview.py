"""A look at a generator while it trains: samples from fixed noise and, where they lie in the plane, how it makes them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.api.noise import NoiseStream
from studio.api.params import describe, settle
from studio.api.space import Points
from studio.kit.generator import Generator, Score
from studio.kit.insight import Insight, Lines, Surface, check, surface
from studio.kit.sampler import Carry, Sampler, count_steps, default_inputs, trajectory

PATHS, KNOTS = 48, 32
DENSITY_SIDE, COARSE_SIDE = 48, 28
T = TypeVar("T")
PLANE = Points(dimensions=2)


@dataclass(frozen=True)
class Look:
    """What was seen.

    Attributes:
        samples: (n, *space.shape), always from the same noise.
        insights: what the method, and the host for it, show in the plane, by name.
        flaws: what could not be shown and why, in words, by name.
    """

    samples: NDArray[Any]
    insights: Mapping[str, Insight] = field(default_factory=dict)
    flaws: Mapping[str, str] = field(default_factory=dict)


def look(
    generator: Generator,
    count: int,
    device: torch.device,
    insights: bool = True,
    last: bool = True,
    words: Tensor | None = None,
) -> Look:
    """Look at a generator in evaluation mode, without a trace in its weights or in the random numbers of its training.

    Args:
        count: how many samples; 16 times as many where they are points.
        insights: whether to look at more than samples.
        last: whether training is over, so that what takes seconds may be looked at too.
        words: captions (N, t) of which the first are illustrated, where the samples are made from words.
    """
    generator.eval()
    forked = [device] if device.type == "cuda" else []
    with torch.no_grad(), torch.random.fork_rng(forked):
        n = count * (16 if generator.space.kind == "points" else 1)
        *_, carry = _quickly(generator.samplers()["sample"], n, generator.classes, device, words)
        samples = np.asarray(generator.samplers()["sample"].finish(carry).cpu())
        shown, flaws = observe(generator, device, last) if insights and generator.space == PLANE else ({}, {})
    generator.train()
    return Look(samples, shown, flaws)


def observe(generator: Generator, device: torch.device, last: bool = True) -> tuple[dict[str, Insight], dict[str, str]]:
    """What a generator of points in the plane shows of itself: its insights by name, and by name what is wrong with others.

    Beside the method's own insights these are the paths of samples from noise for every sampler of more than one step, and
    the density where there is a score "log_prob"; where samples take many steps a likelihood does too, each with derivatives,
    so that density is coarser and shown at the `last` look only.
    """
    flaws: dict[str, str] = {}

    def attempt(name: str, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - a picture that a plugin cannot draw must not end a training
            flaws[name] = f"{type(error).__name__}: {error}"
            return None

    own = attempt("insights", generator.insights) or {}
    makers = dict(_derived(generator, device, last)) | {name: partial(_same, insight) for name, insight in own.items()}
    tried = {name: attempt(name, lambda make=make: check(make())) for name, make in makers.items()}
    return {name: insight for name, insight in tried.items() if insight is not None}, flaws


def _same(insight: Insight) -> Insight:
    return insight


def _derived(generator: Generator, device: torch.device, last: bool) -> Iterator[tuple[str, Callable[[], Insight]]]:
    for name, sampler in generator.samplers().items():
        if all(port.kind == "label" for port in sampler.inputs) and _quick_steps(sampler) > 1:
            title = "trajectories" if name == "sample" else f"trajectories_{name}"
            yield title, lambda sampler=sampler: trajectories(sampler, generator.classes, device)
    slow = _quick_steps(generator.samplers()["sample"]) > 1
    if (score := generator.scores().get("log_prob")) is not None and (last or not slow):
        yield "density", lambda: density(score, generator.classes, device, COARSE_SIDE if slow else DENSITY_SIDE)


def trajectories(sampler: Sampler, classes: int, device: torch.device) -> Lines:
    """The way of the first samples from noise, as the sampler itself peeks at them: (PATHS, at most KNOTS, 2)."""
    steps = _quick_steps(sampler)
    kept = {round(k * steps / (KNOTS - 1)) for k in range(KNOTS)}
    carries = enumerate(_quickly(sampler, PATHS, classes, device))
    return Lines(torch.stack([sampler.peek(carry) for i, carry in carries if i in kept], dim=1))


def density(score: Score, classes: int, device: torch.device, side: int) -> Surface:
    """The density over the plane, from a log-density in nats."""

    def likelihood(places: Tensor) -> Tensor:
        n = len(places)
        noise = torch.from_numpy(NoiseStream(0, n).draw(score.noise)).to(device) if score.noise else places.new_empty(n, 0)
        given = {name: tensor.to(device) for name, tensor in default_inputs(score.inputs[1:], n, classes).items()}
        return score.score(places, noise, given).exp()

    return surface(likelihood, device, side)


def _quick_steps(sampler: Sampler) -> int:
    return count_steps(sampler.plan, settle(describe(sampler.Controls), dict(sampler.quick)))


def _quickly(
    sampler: Sampler, n: int, classes: int, device: torch.device, words: Tensor | None = None
) -> Iterator[Carry]:  # fmt: skip
    inputs = default_inputs(sampler.inputs, n, classes, words=words)
    return trajectory(sampler, n, NoiseStream(0, n), inputs, dict(sampler.quick), device)
