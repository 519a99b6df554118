"""Beta-VAE: a VAE whose KL term weighs more, or is held at a capacity, so that latents separate what varies."""

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from studio.api import Params, Signature, param
from studio.kit.generator import sample_port
from studio.kit.one_step import OneStep
from studio.kit.sampler import Given, Sampler
from studio.kit.source import Batch
from studio.kit.stage import Stage
from studio.kit.training import Training

from .cards.beta_vae import BetaVAEParams
from .latent_variable import LatentVariableModel, VariationalStage


class BetaVAE(LatentVariableModel):
    """A VAE with a fixed output deviation, against which beta is measured.

    Source: Higgins et al., beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework, 2017,
    https://openreview.net/forum?id=Sy2fzU9gl
    """

    def __init__(self, signature: Signature, params: BetaVAEParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs, sigma=params.output_deviation)

    def stages(self) -> Sequence[Stage]:
        return (Constrained(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {**super().samplers(), "traverse": Traverse(self)}


class Constrained(VariationalStage):
    """Weighs the KL term by beta, or by beta its distance from a capacity that grows to its full size.

    Source of the capacity: Burgess et al., Understanding disentangling in beta-VAE, 2018, https://arxiv.org/abs/1804.03599
    """

    def objective(self, batch: Batch, training: Training) -> tuple[Tensor, Mapping[str, Tensor]]:
        likelihood, divergence = self.model.elbo(batch.x, self.noise(batch), batch.labels)
        likelihood, divergence = likelihood.mean(), divergence.mean()
        params = cast(BetaVAEParams, self.model.params)
        capacity = self.capacity(training.fraction)
        excess = (divergence - capacity).abs() if params.capacity else divergence
        return params.beta * excess - likelihood, {"elbo": likelihood - divergence, "kl": divergence}

    def capacity(self, fraction: float) -> float:
        """The nats that the latent may carry after a fraction of the budget: grown in over its first half."""
        return cast(BetaVAEParams, self.model.params).capacity * min(1.0, 2 * fraction)


class Traverse(OneStep):
    """Encodes a sample, sets one latent and decodes: what that latent alone means."""

    def __init__(self, model: BetaVAE) -> None:
        super().__init__(sample_port(model.space), (sample_port(model.space), *model.label_ports()))
        self.model = model
        self.Controls: type[Params] = _traversal(model.latent)

    def make(self, noise: Tensor, given: Given) -> Tensor:
        labels = given.get("label")
        latents = self.model.encode(given["sample"], labels)
        chosen = torch.arange(self.model.latent, device=latents.device) == given["unit"]
        return self.model.decode(torch.where(chosen, given["value"], latents), labels)


def _traversal(latent: int) -> type[Params]:
    class Controls(Params):
        unit: int = param(0, "Which latent is set.", ge=0, le=latent - 1)
        value: float = param(0.0, "What it is set to, in deviations of the prior.", ge=-4.0, le=4.0)

    return Controls
