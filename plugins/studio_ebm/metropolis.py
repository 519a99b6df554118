"""Metropolis-Hastings chains in few dimensions: Langevin moves and leaps to fresh noise, each taken only as the density allows.

Sources: Hastings, Monte Carlo Sampling Methods Using Markov Chains and Their Applications, 1970,
https://doi.org/10.1093/biomet/57.1.97; Roberts and Tweedie, Exponential Convergence of Langevin Distributions and Their
Discrete Approximations, 1996, https://doi.org/10.2307/3318418
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from studio.kit.schedules import broadcast

from .langevin import move

COLDEST = 1e-4
"""The lowest temperature: at none at all no move could ever be undone, so that every one would be refused."""


class Place(NamedTuple):
    """Where chains are: x (n, d), their energies (n,) and the gradient of these (n, d)."""

    x: Tensor
    energy: Tensor
    gradient: Tensor


class Walk(NamedTuple):
    """How chains go: the deviation of a move, the temperature, and the share of moves that are leaps."""

    step_size: Tensor | float
    temperature: Tensor
    restart: Tensor | float


def advance(here: Place, look: Callable[[Tensor], Place], walk: Walk, noise: Tensor, uniform: Tensor) -> Place:
    """The chains one step on; exp(-energy / temperature) stays their density.

    A step proposes a Langevin move, or for a share of the chains the standard normal `noise` itself, wherever the chain was:
    such leaps go from mode to mode as the masses of these demand.

    Args:
        look: the place with its energy and gradient.
        noise: standard normal numbers (n, d).
        uniform: numbers (n, 2) in 0..1, the first to choose the kind of the proposal and the second to take or refuse it.
    """
    walk = walk._replace(temperature=walk.temperature.clamp(min=COLDEST))
    leaps = uniform[:, 0] < walk.restart
    moved = move(here.x, here.gradient, walk.step_size, walk.temperature.sqrt() * noise)
    there = look(torch.where(leaps[:, None], noise, moved))
    back = torch.where(leaps, _normal(here.x) - _normal(there.x), _moves(there, here, walk) - _moves(here, there, walk))
    taken = uniform[:, 1] < ((here.energy - there.energy) / walk.temperature + back).clamp(max=0).exp()
    return Place(*(torch.where(broadcast(taken, new), new, old) for new, old in zip(there, here, strict=True)))


def _normal(x: Tensor) -> Tensor:
    """Logarithm of the standard normal density up to a constant."""
    return -0.5 * x.square().sum(1)


def _moves(here: Place, there: Place, walk: Walk) -> Tensor:
    """Logarithm of the density of a Langevin move from here to there up to a constant."""
    missed = there.x - move(here.x, here.gradient, walk.step_size, torch.zeros_like(here.x))
    return -0.5 * (missed / walk.step_size).square().sum(1) / walk.temperature
