"""Flow matching: regression on the velocity of straight paths from Gaussian noise to data."""

from collections.abc import Sequence
from typing import cast

from torch import Tensor

from studio.kit.schedules import broadcast
from studio.kit.stage import Stage

from .cards.flow_matching import FlowMatchingParams
from .matching import Matching
from .vector_field import VectorField, clock


class FlowMatching(VectorField):
    """Conditional flow matching with the optimal-transport path of a Gaussian.

    As a `Denoiser` it answers for samples noised as clean + sigma * noise, which are its own at t = 1 / (1 + sigma), scaled.

    Source: Lipman et al., Flow Matching for Generative Modeling, 2022, https://arxiv.org/abs/2210.02747
    """

    sigma_min = 0.002
    sigma_max = 80.0

    def stages(self) -> Sequence[Stage]:
        return (GaussianPaths(self),)

    def denoise(self, x: Tensor, sigma: Tensor, labels: Tensor | None = None) -> Tensor:
        """The mean of the clean samples given noisy ones x (n, ...) at noise levels (n,)."""
        time = 1 / (1 + sigma)
        scaled = broadcast(time, x) * x
        return scaled + broadcast(1 - time, x) * self.average(scaled, clock(time, x), labels)


class GaussianPaths(Matching):
    """From noise to a Gaussian of deviation `sigma_min` about each sample: equations 20 to 23 of the paper."""

    def __init__(self, flow: FlowMatching) -> None:
        params = cast(FlowMatchingParams, flow.params)
        super().__init__(flow, params.learning_rate)
        self.sigma_min = params.sigma_min

    def path(self, start: Tensor, end: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        return (1 - (1 - self.sigma_min) * time) * start + time * end, end - (1 - self.sigma_min) * start
