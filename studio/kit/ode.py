"""Ordinary differential equations between noise (t = 0) and data (t = 1): one solver for sampling and for likelihood."""

from collections.abc import Callable
from itertools import chain
from typing import Literal

import torch
from torch import Tensor

from studio.kit.sampler import Carry

Velocity = Callable[[Tensor, Tensor], Tensor]
"""x (n, ...) and the time t, a scalar -> dx/dt, like x."""

Solver = Literal["euler", "midpoint", "heun", "rk4"]
SOLVERS: tuple[Solver, ...] = ("euler", "midpoint", "heun", "rk4")

MOST = 4
STAGES = (1, 2, 2, 4)
TIMES = ((0.0, 0.0, 0.0, 0.0), (0.0, 1 / 2, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (0.0, 1 / 2, 1 / 2, 1.0))
WEIGHTS = ((1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0), (1 / 2, 1 / 2, 0.0, 0.0), (1 / 6, 1 / 3, 1 / 3, 1 / 6))
"""Of each solver's evaluations: where in a step they are made, and how much they count."""


def start(x: Tensor) -> Carry:
    """The carry before the first evaluation: where the last whole step ended, the place to look at, the slopes so far."""
    return {"x": x, "place": x.clone(), "slopes": torch.zeros_like(x)}


def advance(velocity: Velocity, carry: Carry, i: Tensor, steps: Tensor, solver: Tensor) -> Carry:
    """Evaluation number `i` of `steps` in all, by the solver with index `solver` in `SOLVERS`; all three are int64 scalars.

    A midpoint or Heun step takes two evaluations and a Runge-Kutta step four; each covers as much time as it takes
    evaluations. What does not fill a step is spent first, as Euler steps.

    Source: Runge, 1895; Heun, 1900; Kutta, 1901; after Butcher, Numerical Methods for Ordinary Differential Equations, 2016,
    https://doi.org/10.1002/9781119121534
    """
    stages = _pick(STAGES, solver)
    euler = i < steps % stages
    length = torch.where(euler, 1, stages)
    stage = torch.where(euler, 0, (i - steps % stages) % stages)
    row = MOST * torch.where(euler, 0, solver) + stage
    whole = stage + 1 == length
    slope = velocity(carry["place"], (i - stage + _pick(_flat(TIMES), row) * length) / steps)
    slopes = carry["slopes"] + _pick(_flat(WEIGHTS), row) * slope
    ahead = _pick(_flat(TIMES), torch.where(whole, 0, row + 1))
    place = carry["x"] + length / steps * torch.where(whole, slopes, ahead * slope)
    return {"x": torch.where(whole, place, carry["x"]), "place": place, "slopes": torch.where(whole, 0.0, slopes)}


def _flat(table: tuple[tuple[float, ...], ...]) -> tuple[float, ...]:
    return tuple(chain.from_iterable(table))


def _pick(table: tuple[float, ...], index: Tensor) -> Tensor:
    return torch.tensor(table, device=index.device).index_select(0, index.reshape(1)).reshape(())


def solve(velocity: Velocity, x: Tensor, steps: int, solver: Solver = "rk4") -> Tensor:
    """x (n, ...) at t = 0 carried to t = 1 with `steps` evaluations of the velocity.

    Example:
        >>> round(float(solve(lambda x, t: x, torch.ones(1), steps=16)), 3)
        2.718
    """
    carry = start(x)
    numbers = [torch.tensor(number, device=x.device) for number in (steps, SOLVERS.index(solver))]
    for i in range(steps):
        carry = advance(velocity, carry, torch.tensor(i, device=x.device), *numbers)
    return carry["x"]


def backwards(velocity: Velocity) -> Velocity:
    """The same paths, from data to noise."""
    return lambda x, time: -velocity(x, 1 - time)
