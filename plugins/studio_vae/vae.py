"""VAE: a Gaussian encoder and decoder trained on the evidence lower bound."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Noise, Params, Port, Signature, param
from studio.kit.any_class import latent_and_labels, noise_for
from studio.kit.generator import Generator, Score, sample_port
from studio.kit.networks.spaces import Decoder, Encoder
from studio.kit.one_step import OneStep
from studio.kit.sampler import Given, Sampler
from studio.kit.source import Batch, Source
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.vae import VAEParams


class VAE(Generator):
    """A variational autoencoder with one learned output deviation.

    Source: Kingma and Welling, Auto-Encoding Variational Bayes, 2013, https://arxiv.org/abs/1312.6114; the shared learned
    deviation is sigma-VAE, Rybkin et al., 2020, https://arxiv.org/abs/2006.13202
    """

    def __init__(self, signature: Signature, params: VAEParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        self.latent = params.latent
        self.encoder = Encoder(signature.space, 2 * params.latent, params.width, params.depth, self.classes)
        self.decoder = Decoder(signature.space, params.latent, params.width, params.depth, self.classes)
        self.log_sigma = nn.Parameter(torch.tensor(-1.5))

    def stages(self) -> Sequence[Stage]:
        return (EvidenceLowerBound(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Sample(self), "encode": Encode(self), "decode": Decode(self), "reconstruct": Reconstruct(self)}

    def scores(self) -> Mapping[str, Score]:
        return {"elbo": Elbo(self)}

    def posterior(self, x: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
        """Mean and log-variance of the latent, each (n, latent)."""
        mean, log_variance = self.encoder(x, labels).split(self.latent, dim=1)
        return mean, log_variance.clamp(-12, 8)

    def elbo(self, x: Tensor, noise: Tensor, labels: Tensor | None) -> tuple[Tensor, Tensor]:
        """Reconstruction log-likelihood and KL divergence in nats, each (n,), with one draw of the latent."""
        mean, log_variance = self.posterior(x, labels)
        decoded = self.decoder(mean + noise * (log_variance / 2).exp(), labels)
        log_sigma = self.log_sigma.clamp(min=-5)
        squares = ((x - decoded) / log_sigma.exp()) ** 2
        likelihood = -0.5 * (squares + 2 * log_sigma + math.log(2 * math.pi)).flatten(1).sum(1)
        divergence = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1)
        return likelihood, divergence


class EvidenceLowerBound(Stage):
    """Maximises the bound per dimension, the KL term growing in over the first part."""

    def __init__(self, vae: VAE) -> None:
        self.vae = vae
        self.params = cast(VAEParams, vae.params)
        self.dimensions = math.prod(vae.space.shape)

    def setup(self, training: Training) -> State:
        return State(optimizer=torch.optim.AdamW(self.vae.parameters(), lr=self.params.learning_rate, weight_decay=0.0))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        noise = torch.randn(len(batch.x), self.vae.latent, device=batch.x.device)
        likelihood, divergence = self.vae.elbo(batch.x, noise, batch.labels)
        weight = min(1.0, training.fraction / self.params.warm_up) if self.params.warm_up else 1.0
        loss = (weight * divergence - likelihood).mean() / self.dimensions
        rate = self.params.learning_rate * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * training.fraction)))
        training.update(loss, state.optimizer, clip=1.0, lr=rate)
        elbo = (likelihood - divergence).mean()
        return {"loss": loss.detach(), "elbo": elbo.detach(), "kl": divergence.mean().detach()}

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        x = source.validation[:512]
        labels = None if source.validation_labels is None else source.validation_labels[:512]
        noise = torch.zeros(len(x), self.vae.latent, device=x.device)
        decoded = self.vae.decoder(self.vae.posterior(x, labels)[0] + noise, labels)
        return {"validation_error": float(F.mse_loss(decoded, x))}


class Temperature(Params):
    """How far from the centre of the latent space samples are taken."""

    temperature: float = param(
        1.0, "Spread of the latents: below 1 more typical samples, above 1 more unusual ones.", ge=0.0, le=2.0
    )


class Sample(OneStep):
    """Decodes noise, of a class drawn for each sample where none is asked for."""

    Controls = Temperature

    def __init__(self, vae: VAE) -> None:
        super().__init__(sample_port(vae.space), vae.label_ports(), noise_for(vae.latent, vae.classes))
        self.vae = vae

    def make(self, noise: Tensor, given: Given) -> Tensor:
        latent, labels = latent_and_labels(noise, given, self.vae.classes)
        return self.vae.decoder(given["temperature"] * latent, labels)


class Encode(OneStep):
    """The mean of the posterior."""

    def __init__(self, vae: VAE) -> None:
        super().__init__(latent_port(vae), (sample_port(vae.space), *vae.label_ports()))
        self.vae = vae

    def make(self, noise: Tensor, given: Given) -> Tensor:
        return self.vae.posterior(given["sample"], given.get("label"))[0]


class Decode(OneStep):
    """A sample from a latent."""

    def __init__(self, vae: VAE) -> None:
        super().__init__(sample_port(vae.space), (latent_port(vae), *vae.label_ports()))
        self.vae = vae

    def make(self, noise: Tensor, given: Given) -> Tensor:
        return self.vae.decoder(given["latent"], given.get("label"))


class Reconstruct(OneStep):
    """Encodes and decodes."""

    def __init__(self, vae: VAE) -> None:
        super().__init__(sample_port(vae.space), (sample_port(vae.space), *vae.label_ports()))
        self.vae = vae

    def make(self, noise: Tensor, given: Given) -> Tensor:
        latent, _ = self.vae.posterior(given["sample"], given.get("label"))
        return self.vae.decoder(latent, given.get("label"))


def latent_port(vae: VAE) -> Port:
    """The port of a latent vector."""
    return Port(name="latent", kind="latent", shape=(vae.latent,))


class Elbo(Score):
    """The evidence lower bound of a sample in nats, with one draw."""

    def __init__(self, vae: VAE) -> None:
        self.vae = vae
        self.inputs = (sample_port(vae.space), *vae.label_ports())
        self.noise = Noise(shape=(vae.latent,))

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        likelihood, divergence = self.vae.elbo(sample, noise, given.get("label"))
        return likelihood - divergence
