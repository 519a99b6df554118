"""The exact log-density of samples that an ordinary differential equation makes from noise."""

import math
import warnings
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import cast

import torch
from torch import Tensor, nn

from studio.api.sampler import Plan, Port
from studio.api.space import Space
from studio.kit.generator import sample_port
from studio.kit.gradgraph import GradientGraph
from studio.kit.ode import SOLVERS, Velocity, advance, backwards, start
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.stepped_score import SteppedScore

Field = Callable[[Tensor, Tensor, Tensor | None], Tensor]
"""x (n, d), times (n,) in 0..1, classes (n,) or None -> dx/dt (n, d); a row may depend on no other row."""


def normal_log_prob(x: Tensor) -> Tensor:
    """The log-density of the standard normal distribution in nats: (n, d) -> (n,)."""
    return -0.5 * (x.square() + math.log(2 * math.pi)).sum(1)


def with_exact_divergence(field: Field, labels: Tensor | None) -> Velocity:
    """The velocity of samples beside the change of their log-volume, (n, d + 1) -> the same, by a derivative in each direction.

    Source: Chen et al., Neural Ordinary Differential Equations (instantaneous change of variables), 2018,
    https://arxiv.org/abs/1806.07366
    """

    def velocity(state: Tensor, time: Tensor) -> Tensor:
        n, d = state.shape[0], state.shape[1] - 1
        directions = torch.eye(d, device=state.device).expand(n, d, d).reshape(n * d, d).contiguous()
        places = state[:, None, :d].expand(n, d, d).reshape(n * d, d).contiguous()
        repeated = None if labels is None else labels[:, None].expand(n, d).reshape(n * d)
        if torch.compiler.is_exporting():
            value = field(state[:, :d], time.expand(n), labels)
            change = _gradient(field, places, directions, time.expand(n * d), repeated)
        else:
            values, change = _jvp(lambda x: field(x, time.expand(n * d), repeated), places, directions)
            value = values.reshape(n, d, d)[:, 0]
        return torch.cat([value, (change * directions).sum(1).reshape(n, d).sum(1, keepdim=True)], dim=1)

    return velocity


def with_estimated_divergence(field: Field, labels: Tensor | None, noise: Tensor) -> Velocity:
    """The same with an unbiased estimate in one direction, `noise` (n, d), of entries with mean 0 and variance 1.

    Source: Grathwohl et al., FFJORD, 2018, https://arxiv.org/abs/1810.01367; Hutchinson, 1990.
    """

    def velocity(state: Tensor, time: Tensor) -> Tensor:
        value, change = _jvp(lambda x: field(x, time.expand(x.shape[0]), labels), state[:, :-1], noise)
        return torch.cat([value, (change * noise).sum(1, keepdim=True)], dim=1)

    return velocity


class _Along(nn.Module):
    """How far a field goes in a direction: (n, d), (n, d) -> (n,)."""

    def __init__(self, field: nn.Module) -> None:
        super().__init__()
        self.field = field

    def forward(self, x: Tensor, directions: Tensor, time: Tensor, labels: Tensor | None = None) -> Tensor:
        return (self.field(x, time, labels) * directions).sum(1)


def _gradient(field: Field, x: Tensor, directions: Tensor, time: Tensor, labels: Tensor | None) -> Tensor:
    """What an export contains instead of `torch.func.jvp`, which would freeze the size of the batch; equal on the diagonal."""
    assert isinstance(field, nn.Module)
    return GradientGraph(_Along(field))(x, directions, time, *([] if labels is None else [labels]))


def _jvp(function: Callable[[Tensor], Tensor], x: Tensor, direction: Tensor) -> tuple[Tensor, Tensor]:
    """The function's value and its derivative in a direction, all (n, d)."""
    _load_rules()
    return cast("tuple[Tensor, Tensor]", torch.func.jvp(function, (x,), (direction,)))


@cache
def _load_rules() -> None:
    """The derivatives' rules that torch compiles at their first use, with a warning to its own developers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        import_module("torch._decomp.decompositions_for_jvp")


def at_rest(x: Tensor) -> Tensor:
    """Samples (n, d) with a log-volume of zero beside them: (n, d + 1)."""
    return torch.cat([x, torch.zeros_like(x[:, :1])], dim=1)


def log_prob_of(state: Tensor) -> Tensor:
    """What a walk back to noise says of the samples it began at: (n, d + 1) -> (n,) in nats."""
    return normal_log_prob(state[:, :-1]) + state[:, -1]


class LogProb(SteppedScore):
    """The log-density of points or table rows in nats, by Runge-Kutta steps back to a standard normal and exact divergence.

    Args:
        field: what moves noise to data while t goes from 0 to 1; for an export it must be a module.
        evaluations: of the field; more is more exact.
    """

    unit = "nats"
    exact = True

    def __init__(self, space: Space, field: Field, labels: tuple[Port, ...] = (), evaluations: int = 64) -> None:
        self.inputs = (sample_port(space), *labels)
        self.walk = _WalkToNoise(self.inputs, field, evaluations)


class _WalkToNoise(Sampler):
    output = Port(name="score", kind="number")

    def __init__(self, inputs: tuple[Port, ...], field: Field, evaluations: int) -> None:
        self.inputs = inputs
        self.field = field
        self.plan = Plan(steps=evaluations)
        self.evaluations = evaluations

    def init(self, noise: Tensor, given: Given) -> Carry:
        return start(at_rest(given["sample"]))

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        velocity = backwards(with_exact_divergence(self.field, given.get("label")))
        steps, solver = torch.tensor(self.evaluations, device=i.device), torch.tensor(SOLVERS.index("rk4"), device=i.device)
        return advance(velocity, carry, i, steps, solver)

    def finish(self, carry: Carry) -> Tensor:
        return log_prob_of(carry["x"])
