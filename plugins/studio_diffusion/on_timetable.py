"""Noise levels on a pipeline's own timetable, as the schedulers of diffusers visit them."""

import torch
from torch import Tensor

from studio.api import Signature
from studio.kit.schedules import alphas_cumprod, karras, rescale_zero_terminal_snr
from studio.kit.solvers import ANCESTRAL, DDIM, DPMPP_2M, EULER, HEUN, Level, choose

from .from_words import FromWords
from .timetable import Spacing, Timetable

LEAST = 2.0**-24
SLACK = 1e-3
"""By how much a whole number may be missed."""


class OnTimetable(FromWords):
    """Base of pipelines from elsewhere: each solver visits the levels that diffusers' scheduler of the same name visits.

    Fewer steps than the whole way, as in image-to-image, are the last ones of the grid that the whole way would have.

    Source of the three ways to spread timesteps: Lin et al., Common Diffusion Noise Schedules and Sample Steps are Flawed, 2023,
    table 2, https://arxiv.org/abs/2305.08891
    """

    def __init__(self, signature: Signature, timetable: Timetable) -> None:
        super().__init__(signature, None, None, timetable, noise_levels(timetable))
        self.timetable = timetable

    def level(self, k: Tensor, intervals: Tensor, strength: Tensor | float = 1.0) -> Level:
        """As in the base, for DDIM."""
        return self.level_for(k, intervals, torch.full_like(k, DDIM), strength)

    def level_for(self, k: Tensor, intervals: Tensor, solver: Tensor, strength: Tensor | float) -> Level:
        """Level `k` of a solver's grid."""
        whole = intervals / strength
        found = self.between(self._time(k, intervals, whole, solver))
        if self.timetable.karras:
            spread = (solver == EULER) | (solver == HEUN) | (solver == DPMPP_2M)
            found = choose(spread, self._karras((whole - intervals + k) / (whole - 1).clamp(min=1), whole, solver), found)
        return choose(k < intervals, found, self._end(solver, found.time))

    def between(self, t: Tensor) -> Level:
        """The level at a timestep (1,), between two in proportion to the ratio of noise and signal."""
        t = t.clamp(0, self.timesteps - 1)
        low = t.long().clamp(max=self.timesteps - 2)
        known = self.sigmas / self.alphas
        below, above = known.index_select(0, low), known.index_select(0, low + 1)
        ratio = below + (t - low) * (above - below)
        alpha = (1 + ratio**2).rsqrt()
        return Level(alpha, ratio * alpha, t)

    def arrival(self, now: Level, then: Level, intervals: Tensor, solver: Tensor, strength: Tensor | float) -> Level:
        """Where a step leads: DDIM of diffusers goes down by a fixed number of timesteps, wherever the next step begins."""
        t = now.time - torch.floor(self.timesteps * strength / intervals + SLACK)
        return choose(solver == DDIM, choose(t >= 0, self.between(t), self._end(solver, now.time)), then)

    def start(self, intervals: Tensor, solver: Tensor, strength: Tensor | float) -> Tensor:
        """The deviation (1,) of the noise that a solver's scheduler starts from: one, or as much as at its first level."""
        level = self.level_for(torch.zeros_like(intervals), intervals, solver, strength)
        as_noisy = self._freely(solver) & (self._share("leading", solver) < 1)
        return torch.where(as_noisy, level.sigma, 1.0)

    def _freely(self, solver: Tensor) -> Tensor:
        """Whether a solver also stops between two timesteps."""
        return (solver == EULER) | (solver == HEUN) | ((solver == ANCESTRAL) & (not self.timetable.whole))

    def _share(self, spacing: Spacing, solver: Tensor) -> Tensor:
        """One where the solver's timesteps are spread in this way, or else zero."""
        if self.timetable.spacing:
            return torch.full_like(solver, int(self.timetable.spacing == spacing))
        leads = (solver == DDIM) | ((solver == ANCESTRAL) & self.timetable.whole)
        return {"leading": leads.long(), "trailing": torch.zeros_like(solver), "linspace": 1 - leads.long()}[spacing]

    def _time(self, k: Tensor, intervals: Tensor, whole: Tensor, solver: Tensor) -> Tensor:
        extra = (solver == DPMPP_2M).long()
        place, count = intervals - 1 - k + extra, whole + extra
        leading = place * torch.floor(self.timesteps / count + SLACK) + self.timetable.offset
        trailing = torch.round(self.timesteps - (k + whole - intervals) * (self.timesteps / whole)) - 1
        linspace = place * ((self.timesteps - 1) / (count - 1).clamp(min=1))
        linspace = torch.where(self._freely(solver), linspace, torch.round(linspace))
        pick = torch.where(self._share("trailing", solver) > 0, trailing, linspace)
        return torch.where(self._share("leading", solver) > 0, leading, pick).reshape(1)

    def _karras(self, ramp: Tensor, whole: Tensor, solver: Tensor) -> Level:
        """Between the first and the last level that a solver visits, or that there is for DPM-Solver++."""
        first, last = (self._ratio(k, whole, solver) for k in (torch.zeros_like(whole), whole - 1))
        level = self.at(karras(ramp, last, first).reshape(1))
        rounded = (solver == DPMPP_2M) & (self.timetable.beta_schedule != "squaredcos_cap_v2")
        return Level(level.alpha, level.sigma, torch.where(rounded, torch.round(level.time), level.time))

    def _ratio(self, k: Tensor, whole: Tensor, solver: Tensor) -> Tensor:
        ends = torch.where(k > 0, 0.0, self.timesteps - 1.0).reshape(1)
        level = self.between(torch.where(solver == DPMPP_2M, ends, self._time(k, whole, whole, solver)))
        return level.sigma / level.alpha

    def _end(self, solver: Tensor, time: Tensor) -> Level:
        """The clean sample, or the first noise level."""
        noisy = (solver == DDIM) & (not self.timetable.final_clean)
        noisy |= ((solver == EULER) | (solver == DPMPP_2M)) & self.timetable.final_least
        return Level(torch.where(noisy, self.alphas[:1], 1.0), torch.where(noisy, self.sigmas[:1], 0.0), time)


def noise_levels(timetable: Timetable) -> Tensor:
    """Alpha-bar at each timestep, float64 (timesteps,)."""
    start, end, timesteps = timetable.beta_start, timetable.beta_end, timetable.timesteps
    if timetable.trained_betas:
        bar = torch.cumprod(1 - torch.tensor(timetable.trained_betas, dtype=torch.float64), dim=0)
    elif timetable.beta_schedule == "squaredcos_cap_v2":
        bar = alphas_cumprod("cosine", timesteps)
    elif timetable.beta_schedule == "scaled_linear":
        bar = torch.cumprod(1 - torch.linspace(start**0.5, end**0.5, timesteps, dtype=torch.float64) ** 2, dim=0)
    else:
        bar = torch.cumprod(1 - torch.linspace(start, end, timesteps, dtype=torch.float64), dim=0)
    return rescale_zero_terminal_snr(bar).clamp(min=LEAST) if timetable.zero_terminal_snr else bar
