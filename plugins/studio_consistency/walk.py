"""Steps along a path from noise to data, of samples that are at different noise levels."""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

from studio.kit.schedules import broadcast
from studio.kit.solvers import Level, second_order

Clean = Callable[[Tensor, Tensor], Tensor]
"""The estimate of the clean samples, like x (n, ...), from x and its noise levels (n,)."""

Solver = Literal["dpmpp_2m", "heun", "euler"]


def walk(solver: Solver, clean: Clean, x: Tensor, levels: Sequence[Tensor]) -> list[Tensor]:
    """The points, each like x (n, ...), where the probability-flow path through x at `levels[0]` (n,) is at each of the levels.

    Source: Euler and Heun, Karras et al., 2022, https://arxiv.org/abs/2206.00364; DPM-Solver++ 2M, Lu et al., 2022,
    https://arxiv.org/abs/2211.01095
    """
    points, last = [x], torch.zeros_like(x)
    for before, now, then in zip((levels[0], *levels), levels, levels[1:], strict=False):
        estimate = clean(points[-1], now)
        if solver == "heun":
            end = heun(clean, points[-1], estimate, now, then)
        else:
            extra = second_order(_level(before), _level(now), _level(then)) if solver == "dpmpp_2m" else torch.zeros_like(now)
            end = onward(points[-1], estimate + broadcast(extra, x) * (estimate - last), now, then)
        points.append(end)
        last = estimate
    return points


def heun(clean: Clean, x: Tensor, estimate: Tensor, now: Tensor, then: Tensor) -> Tensor:
    """x (n, ...) moved from levels `now` (n,) to `then` by the mean of the slopes at both ends."""
    end = onward(x, estimate, now, then)
    slopes = (x - estimate) / broadcast(now, x) + (end - clean(end, then)) / broadcast(then, x)
    return x + broadcast(then - now, x) * slopes / 2


def onward(x: Tensor, clean: Tensor, now: Tensor, then: Tensor) -> Tensor:
    """x (n, ...) moved from levels `now` (n,) to `then` straight towards the clean samples."""
    return clean + broadcast(then / now, x) * (x - clean)


def _level(sigma: Tensor) -> Level:
    return Level(torch.ones_like(sigma), sigma, sigma)
