"""What the family's vector-latent models share: an encoder to a Gaussian cloud, a decoder, and bounds of the likelihood."""

import math
from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Noise, Signature
from studio.kit.generator import Generator, Score, sample_port
from studio.kit.latent_samplers import Decode, Encode, Reconstruct, Sample
from studio.kit.networks.spaces import Encoder
from studio.kit.sampler import Given, Sampler
from studio.kit.source import Batch, Source
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.latent import LatentParams
from .likelihood import Output

MOST_DRAWS, FEWER_DRAWS, SMALL = 500, 50, 256


class LatentVariableModel(Generator):
    """A standard normal latent vector, a decoder with a likelihood, and a Gaussian encoder.

    Args:
        pixelwise: whether each pixel has a deviation of its own.
        sigma: the fixed output deviation, None where it is learned.

    Source: Kingma and Welling, Auto-Encoding Variational Bayes, 2013, https://arxiv.org/abs/1312.6114
    """

    def __init__(
        self, signature: Signature, params: LatentParams, inputs: Mapping[str, nn.Module] | None = None, *,
        pixelwise: bool = False, sigma: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__(signature, params, inputs)
        self.latent = params.latent
        self.encoder = Encoder(signature.space, 2 * params.latent, params.width, params.depth, self.classes)
        self.output = Output(
            signature.space, params.latent, params.width, params.depth, self.classes, pixelwise=pixelwise, sigma=sigma
        )

    @property
    def latent_shape(self) -> tuple[int, ...]:
        """(latent,)"""
        return (self.latent,)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Sample(self), "encode": Encode(self), "decode": Decode(self), "reconstruct": Reconstruct(self)}

    def scores(self) -> Mapping[str, Score]:
        draws = MOST_DRAWS if math.prod(self.space.shape) <= SMALL else FEWER_DRAWS
        return {"elbo": Elbo(self), f"iwae_{draws}": ImportanceBound(self, draws)}

    def posterior(self, x: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the latent, each (n, latent)."""
        mean, log_variance = self.encoder(x, labels).split(self.latent, dim=1)
        return mean, log_variance.clamp(-12, 8)

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """The mean of the posterior, (n, latent)."""
        return self.posterior(x, labels)[0]

    def decode(self, latents: Tensor, labels: Tensor | None = None) -> Tensor:
        """The mean sample (n, *space.shape) of latents (n, latent)."""
        return self.output(latents, labels)

    def elbo(self, x: Tensor, noise: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
        """Reconstruction log-likelihood and KL divergence in nats, each (n,), with one draw of the latent."""
        mean, log_variance = self.posterior(x, labels)
        likelihood = self.output.log_likelihood(x, mean + noise * (log_variance / 2).exp(), labels)
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1)
        return likelihood, divergence

    def log_weights(self, x: Tensor, noise: Tensor, labels: Tensor | None) -> Tensor:
        """log p(x, z) - log q(z | x) in nats, (n, k), of k latents drawn from the posterior with noise (n, k, latent)."""
        draws = noise.shape[1]
        mean, log_variance = (part[:, None] for part in self.posterior(x, labels))
        z = mean + noise * (log_variance / 2).exp()
        ratio = 0.5 * (noise.square() + log_variance - z.square()).sum(2)
        likelihood = self.output.log_likelihood(
            _repeated(x, draws), z.flatten(0, 1), None if labels is None else _repeated(labels, draws)
        )
        return likelihood.reshape(-1, draws) + ratio


def _repeated(x: Tensor, draws: int) -> Tensor:
    """Each sample `draws` times in a row: (n, ...) -> (n * draws, ...)."""
    return x[:, None].expand(-1, draws, *x.shape[1:]).flatten(0, 1)


def log_mean_exp(log_weights: Tensor) -> Tensor:
    """The logarithm of the mean weight of each row: (n, k) -> (n,)."""
    return log_weights.logsumexp(1) - math.log(log_weights.shape[1])


class Elbo(Score):
    """The evidence lower bound of a sample in nats, with one draw."""

    def __init__(self, model: LatentVariableModel) -> None:
        self.model = model
        self.inputs = (sample_port(model.space), *model.label_ports())
        self.noise = Noise(shape=(model.latent,))

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        likelihood, divergence = self.model.elbo(sample, noise, given.get("label"))
        return likelihood - divergence


class ImportanceBound(Score):
    """The importance-weighted bound in nats with `draws` latents: the more, the nearer the log-likelihood.

    Large pictures have fewer draws a call, for memory; bounds of several calls join by the logarithm of their mean exponential.

    Source: Burda et al., Importance Weighted Autoencoders, 2015, https://arxiv.org/abs/1509.00519
    """

    def __init__(self, model: LatentVariableModel, draws: int) -> None:
        self.model = model
        self.inputs = (sample_port(model.space), *model.label_ports())
        self.noise = Noise(shape=(draws, model.latent))

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        return log_mean_exp(self.model.log_weights(sample, noise, given.get("label")))


class VariationalStage(Stage):
    """Trains encoder and decoder together on `objective`, with a learning rate that falls along a cosine."""

    def __init__(self, model: LatentVariableModel) -> None:
        self.model = model
        self.dimensions = math.prod(model.space.shape)
        self.learning_rate = cast(LatentParams, model.params).learning_rate

    def objective(self, batch: Batch, training: Training) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The loss in nats, a scalar, and what to plot."""
        raise NotImplementedError

    def setup(self, training: Training) -> State:
        weights = [weight for weight in self.model.parameters() if weight.requires_grad]
        return State(optimizer=torch.optim.AdamW(weights, lr=self.learning_rate, weight_decay=0.0))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        loss, values = self.objective(batch, training)
        loss = loss / self.dimensions
        rate = self.learning_rate * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * training.fraction)))
        training.update(loss, state.optimizer, clip=1.0, lr=rate)
        return {"loss": loss.detach(), **{name: value.detach() for name, value in values.items()}}

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        x = source.validation[:512]
        labels = None if source.validation_labels is None else source.validation_labels[:512]
        return {"validation_error": float(F.mse_loss(self.model.decode(self.model.encode(x, labels), labels), x))}

    def noise(self, batch: Batch, *draws: int) -> Tensor:
        """Standard normal numbers for the latents of a batch, (n, *draws, latent)."""
        return torch.randn(len(batch.x), *draws, self.model.latent, device=batch.x.device)
