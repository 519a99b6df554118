"""Langevin dynamics: downhill in the energy with noise, the walk that all samples of the family are made by.

Source: Welling and Teh, Bayesian Learning via Stochastic Gradient Langevin Dynamics, 2011,
https://www.stats.ox.ac.uk/~teh/research/compstats/WelTeh2011a.pdf
"""

from torch import Tensor

STEEPEST = 2.0


def move(x: Tensor, gradient: Tensor, size: Tensor | float, noise: Tensor) -> Tensor:
    """One step of samples (n, ...) by standard deviation `size`, with `noise` of the temperature's root as deviation.

    Downhill it goes at most `STEEPEST` deviations in each coordinate, so that no cliff of a half-learnt energy throws it far.
    """
    return x - size * (0.5 * size * gradient).clamp(-STEEPEST, STEEPEST) + size * noise
