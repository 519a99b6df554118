"""Samplers from words on the timesteps that a pipeline's own scheduler visits."""

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from torch import Tensor

from studio.kit.sampler import Carry, Given
from studio.kit.solvers import Level, intervals

from .sampling import Sample, Stride
from .text_sampling import DenoiseLatents, TextToImage, Variation

if TYPE_CHECKING:
    from .on_timetable import OnTimetable


class OnItsTimesteps(Sample):
    """A sampler whose grid depends on the solver, as in diffusers."""

    @property
    def timed(self) -> "OnTimetable":
        """The model, which knows its timesteps."""
        return cast("OnTimetable", self.model)

    def level(self, k: Tensor, given: Given) -> Level:
        solver = self.pattern(given)
        return self.timed.level_for(k, intervals(given["steps"], solver), solver, self.strength(given))

    def move(self, stride: Stride, carry: Carry, clean: Tensor, noise: Tensor, given: Given) -> Tensor:
        solver = self.pattern(given)
        count = intervals(given["steps"], solver)
        then = self.timed.arrival(stride.now, stride.then, count, solver, self.strength(given))
        return super().move(replace(stride, then=then), carry, clean, noise, given)


class FromItsNoise(OnItsTimesteps):
    """From as much noise as the solver's scheduler starts with."""

    def init(self, noise: Tensor, given: Given) -> Carry:
        solver = self.pattern(given)
        start = self.timed.start(intervals(given["steps"], solver), solver, self.strength(given))
        return super().init(start * noise, given)


class Paint(FromItsNoise, TextToImage):
    """From noise and words to a picture."""


class Denoise(FromItsNoise, DenoiseLatents):
    """The denoiser alone."""


class Vary(OnItsTimesteps, Variation):
    """A given picture, noised and made anew after the words."""
