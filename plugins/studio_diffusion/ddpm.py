"""DDPM: denoising diffusion in discrete time."""

from collections.abc import Mapping

from torch import Tensor, nn

from studio.api import Signature
from studio.kit.ema import EMA
from studio.kit.networks.spaces import denoiser
from studio.kit.solvers import Level
from studio.kit.source import Batch

from .cards.ddpm import DDPMParams
from .discrete_time import DiscreteTime


class DDPM(DiscreteTime):
    """Denoising diffusion probabilistic models on points, table rows and pictures.

    Source: Ho et al., Denoising Diffusion Probabilistic Models, 2020, https://arxiv.org/abs/2006.11239; v-prediction, Salimans
    and Ho, 2022, https://arxiv.org/abs/2202.00512
    """

    def __init__(self, signature: Signature, params: DDPMParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs, params)
        self.network = denoiser(signature.space, params.width, params.depth, self.classes, params.patch)
        self.average = EMA(self.network, params.ema)

    def loss(self, batch: Batch) -> Tensor:
        """The simplified loss: the squared error of the prediction at one random timestep each."""
        return self.error(lambda noisy, time: self.network(noisy, time, batch.labels), batch.x)

    def clean(self, x: Tensor, level: Level, condition: Tensor | None) -> Tensor:
        output = self.average(x, level.time.expand(x.shape[0]), condition)
        return self.unmixed(output, x, level)
