"""VAE: a Gaussian encoder and a decoder trained on the evidence lower bound."""

from collections.abc import Mapping, Sequence
from typing import cast

from torch import Tensor, nn

from studio.api import Signature
from studio.kit.source import Batch
from studio.kit.stage import Stage
from studio.kit.training import Training

from .cards.vae import VAEParams
from .latent_variable import LatentVariableModel, VariationalStage


class VAE(LatentVariableModel):
    """A variational autoencoder with a learned output deviation.

    Source: Kingma and Welling, Auto-Encoding Variational Bayes, 2013, https://arxiv.org/abs/1312.6114; the shared learned
    deviation is sigma-VAE, Rybkin et al., 2020, https://arxiv.org/abs/2006.13202
    """

    def __init__(self, signature: Signature, params: VAEParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs, pixelwise=params.output_deviation == "pixelwise")

    def stages(self) -> Sequence[Stage]:
        return (EvidenceLowerBound(self),)


class EvidenceLowerBound(VariationalStage):
    """Maximises the bound, the KL term growing in over the first part."""

    def objective(self, batch: Batch, training: Training) -> tuple[Tensor, Mapping[str, Tensor]]:
        likelihood, divergence = self.model.elbo(batch.x, self.noise(batch), batch.labels)
        warm_up = cast(VAEParams, self.model.params).warm_up
        weight = min(1.0, training.fraction / warm_up) if warm_up else 1.0
        values = {"elbo": (likelihood - divergence).mean(), "kl": divergence.mean()}
        return (weight * divergence - likelihood).mean(), values
