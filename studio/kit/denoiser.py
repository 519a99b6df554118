"""What a trained diffusion model offers to methods that learn from one."""

from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Denoiser(Protocol):
    """An estimate of the clean sample at any noise level: what a card promises with `provides=("denoiser",)`.

    Samples are noised as x = clean + sigma * noise ("variance exploding"), whatever the model's own path is.

    Attributes:
        sigma_min: the smallest noise level the model was trained at.
        sigma_max: the largest, at which a sample is noise for all purposes.
    """

    sigma_min: float
    sigma_max: float

    def denoise(self, x: Tensor, sigma: Tensor, labels: Tensor | None = None) -> Tensor:
        """The clean samples, like `x` (n, *space.shape), for noise levels `sigma` (n,) and classes (n,); averaged weights."""
        ...
