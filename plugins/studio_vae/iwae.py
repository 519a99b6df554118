"""IWAE: a VAE trained on the importance-weighted bound of several draws."""

from collections.abc import Mapping, Sequence
from typing import cast

from torch import Tensor, nn

from studio.api import Signature
from studio.kit.source import Batch
from studio.kit.stage import Stage
from studio.kit.training import Training

from .cards.iwae import IWAEParams
from .latent_variable import LatentVariableModel, VariationalStage, log_mean_exp


class IWAE(LatentVariableModel):
    """A VAE whose posterior need not be a Gaussian: only the best of several draws have to explain a sample.

    Source: Burda et al., Importance Weighted Autoencoders, 2015, https://arxiv.org/abs/1509.00519
    """

    def __init__(self, signature: Signature, params: IWAEParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs, pixelwise=params.output_deviation == "pixelwise")

    def stages(self) -> Sequence[Stage]:
        return (ImportanceWeighted(self),)


class ImportanceWeighted(VariationalStage):
    """Maximises the logarithm of the mean weight of `importance_samples` draws."""

    def objective(self, batch: Batch, training: Training) -> tuple[Tensor, Mapping[str, Tensor]]:
        draws = cast(IWAEParams, self.model.params).importance_samples
        log_weights = self.model.log_weights(batch.x, self.noise(batch, draws), batch.labels)
        bound = log_mean_exp(log_weights).mean()
        return -bound, {"iwae": bound, "elbo": log_weights.mean()}
