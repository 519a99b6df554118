"""Samplers from words on the timesteps that a pipeline's own scheduler visits."""

from typing import TYPE_CHECKING, cast

from torch import Tensor

from studio.kit.sampler import Given
from studio.kit.solvers import Level, intervals

from .sampling import Sample
from .text_sampling import DenoiseLatents, TextToImage, Variation

if TYPE_CHECKING:
    from .stable_diffusion import StableDiffusion


class OnItsTimesteps(Sample):
    """A sampler whose grid depends on the solver, as in diffusers."""

    def level(self, k: Tensor, given: Given) -> Level:
        solver = self.pattern(given)
        return cast("StableDiffusion", self.model).level_for(k, intervals(given["steps"], solver), solver, self.strength(given))


class Paint(OnItsTimesteps, TextToImage):
    """From noise and words to a picture."""


class Denoise(OnItsTimesteps, DenoiseLatents):
    """The denoiser alone."""


class Vary(OnItsTimesteps, Variation):
    """A given picture, noised and made anew after the words."""
