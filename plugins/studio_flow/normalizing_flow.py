"""What every flow shares: training by exact likelihood, the log-density as a score, and sampling by the inverse."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from studio.api import Image, Params, Port, Signature, Space, param
from studio.api.sampler import Noise
from studio.kit.dequantize import bits_per_dim, cells, dequantize, spread_of
from studio.kit.ema import EMA
from studio.kit.generator import Generator, Score, sample_port
from studio.kit.insight import Insight, surface, warped_grid
from studio.kit.networks.embedding import ClassEmbedding
from studio.kit.one_step import OneStep
from studio.kit.sampler import Given, Sampler
from studio.kit.source import Batch, Source
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.likelihood import LikelihoodParams
from .transform import Transform

CONTEXT = 32
"""Width of a class's vector."""


class Density(nn.Module):
    """The density of samples (n, *shape) that a bijection makes out of standard normal latents (n, dimensions).

    Each class, and "any", has a vector that the bijection's networks are given. Whatever the vector, the density integrates
    to one; that of "any" is learned from the share of the samples whose class is dropped while training.

    Source: Papamakarios et al., Normalizing Flows for Probabilistic Modeling and Inference, 2019,
    https://arxiv.org/abs/1912.02762
    """

    def __init__(self, bijection: Transform, classes: int, dropped: float) -> None:
        super().__init__()
        self.bijection = bijection
        self.label = ClassEmbedding(classes, CONTEXT, dropped)

    def context(self, labels: Tensor | None, n: int) -> Tensor | None:
        """Vectors (n, CONTEXT) of the classes, None where there are none."""
        vectors = self.label(labels, n)
        return vectors if isinstance(vectors, Tensor) else None

    def forward(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        z, volume = self.bijection(x, self.context(labels, x.shape[0]))
        return volume - 0.5 * (z.square().sum(1) + z.shape[1] * math.log(2 * math.pi))

    def encode(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        """Samples to latents."""
        return self.bijection(x, self.context(labels, x.shape[0]))[0]

    def decode(self, z: Tensor, labels: Tensor | None = None) -> Tensor:
        """Latents to samples."""
        return self.bijection.inverse(z, self.context(labels, z.shape[0]))

    @torch.no_grad()
    def initialise(self, x: Tensor, labels: Tensor | None) -> None:
        """Set scales and shifts from a first batch."""
        self.bijection.initialise(x, self.context(labels, x.shape[0]))


class NormalizingFlow(Generator):
    """Base of the family: give the bijection from samples to vectors."""

    def __init__(self, signature: Signature, params: LikelihoodParams, bijection: Transform) -> None:
        super().__init__(signature, params)
        self.dimensions = math.prod(signature.space.shape)
        self.density = Density(bijection, self.classes, params.class_dropout)
        self.average = EMA(self.density, params.ema)
        self.register_buffer("cells", cells(signature.space), persistent=False)
        self.cells: Tensor

    @property
    def averaged(self) -> Density:
        """The density with averaged weights, which samples and scores are made with."""
        return cast(Density, self.average.network)

    def stages(self) -> Sequence[Stage]:
        return (MaximumLikelihood(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Sample(self), "encode": Encode(self), "decode": Decode(self)}

    def scores(self) -> Mapping[str, Score]:
        return {"log_prob": LogProb(self)}

    def insights(self) -> Mapping[str, Insight]:
        device = self.cells.device
        return {
            "grid": warped_grid(self.averaged.decode, device),
            "density": surface(lambda x: self.averaged(x).exp(), device),
        }


class MaximumLikelihood(Stage):
    """Minimises the mean of -log p over dequantised batches; the first batch sets scales and shifts."""

    def __init__(self, flow: NormalizingFlow) -> None:
        self.flow = flow
        self.params = cast(LikelihoodParams, flow.params)

    def setup(self, training: Training) -> State:
        weights = self.flow.density.parameters()
        return State(
            optimizer=torch.optim.AdamW(weights, self.params.learning_rate, weight_decay=self.params.weight_decay, fused=True)
        )

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        flow = self.flow
        x = dequantize(batch.x, torch.rand_like(batch.x), flow.cells)
        if training.stage_step == 0:
            flow.density.initialise(x, batch.labels)
            flow.averaged.load_state_dict(flow.density.state_dict())
        log_prob = flow.density(x, batch.labels).mean()
        training.update(-log_prob / flow.dimensions, state.optimizer, clip=self.params.clip, lr=self.rate(training))
        flow.average.update(flow.density)
        return {"nll": -log_prob.detach()}

    def rate(self, training: Training) -> float:
        """Warm-up over 50 steps, then half a cosine to zero."""
        warm = min(1.0, (training.stage_step + 1) / 50)
        return self.params.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * training.fraction))

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        x = source.validation[:1024]
        labels = None if source.validation_labels is None else source.validation_labels[:1024]
        uniform = torch.rand(x.shape, generator=torch.Generator().manual_seed(0)).to(x.device)
        log_prob = self.flow.average(dequantize(x, uniform, self.flow.cells), labels).mean()
        space = self.flow.space
        bits = {"validation_bits_per_dim": float(bits_per_dim(log_prob, space))} if isinstance(space, Image) else {}
        return {"validation_nll": -float(log_prob), **bits}


class Temperature(Params):
    """How far from the centre of the latent space samples are taken."""

    temperature: float = param(
        1.0, "Spread of the latents: below 1 more typical samples, above 1 more unusual ones.", ge=0.0, le=2.0
    )


class Sample(OneStep):
    """The inverse of the flow on noise; "any" is a density of its own, so no class is drawn.

    Source of the temperature: Kingma and Dhariwal, Glow, 2018, https://arxiv.org/abs/1807.03039
    """

    Controls = Temperature

    def __init__(self, flow: NormalizingFlow) -> None:
        super().__init__(sample_port(flow.space), flow.label_ports(), Noise(shape=(flow.dimensions,)))
        self.flow = flow

    def make(self, noise: Tensor, given: Given) -> Tensor:
        return within(self.flow.averaged.decode(given["temperature"] * noise, given.get("label")), self.flow.space)


class Encode(OneStep):
    """The latent of a sample."""

    def __init__(self, flow: NormalizingFlow) -> None:
        super().__init__(latent_port(flow), (sample_port(flow.space), *flow.label_ports()))
        self.flow = flow

    def make(self, noise: Tensor, given: Given) -> Tensor:
        return self.flow.averaged.encode(given["sample"], given.get("label"))


class Decode(OneStep):
    """The sample of a latent."""

    def __init__(self, flow: NormalizingFlow) -> None:
        super().__init__(sample_port(flow.space), (latent_port(flow), *flow.label_ports()))
        self.flow = flow

    def make(self, noise: Tensor, given: Given) -> Tensor:
        return within(self.flow.averaged.decode(given["latent"], given.get("label")), self.flow.space)


def latent_port(flow: NormalizingFlow) -> Port:
    """The port of a latent vector, which has as many numbers as a sample."""
    return Port(name="latent", kind="latent", shape=(flow.dimensions,))


def within(samples: Tensor, space: Space) -> Tensor:
    """Samples inside their space: pictures were dequantised to a little more than [-1, 1]."""
    return samples.clamp(-1, 1) if isinstance(space, Image) else samples


class LogProb(Score):
    """The log-density of a sample in nats; of a picture on the [-1, 1] scale, see `studio.kit.dequantize.bits_per_dim`.

    Of points it is exact. Pictures and categories are moved within their cells by noise, and the mean over noise is at most
    the logarithm of the discrete model's probability, up to the cells' known volume.
    """

    def __init__(self, flow: NormalizingFlow) -> None:
        self.flow = flow
        self.inputs = (sample_port(flow.space), *flow.label_ports())
        self.noise = spread_of(flow.space)
        self.exact = self.noise is None

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        x = sample if self.exact else dequantize(sample, noise, self.flow.cells)
        return self.flow.average(x, given.get("label"))
