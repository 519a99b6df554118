"""A mixture of diagonal Gaussians, fitted by maximum likelihood."""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Noise, Params, Plan, Signature, param
from studio.kit.generator import Generator, Score, sample_port
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from . import MixtureParams


class Mixture(Generator):
    """Source: Pearson, Contributions to the Mathematical Theory of Evolution, 1894, https://doi.org/10.1098/rsta.1894.0003"""

    def __init__(self, signature: Signature, params: MixtureParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        size = (params.components, math.prod(signature.space.shape))
        self.logits = nn.Parameter(torch.zeros(params.components))
        self.means = nn.Parameter(torch.randn(size))
        self.spreads = nn.Parameter(torch.zeros(size))

    def stages(self) -> Sequence[Stage]:
        return (MaximumLikelihood(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Sample(self)}

    def scores(self) -> Mapping[str, Score]:
        return {"log_prob": LogProb(self)}

    def deviations(self) -> Tensor:
        """Standard deviations, (components, dimensions); the floor keeps a cloud from shrinking onto one sample."""
        return F.softplus(self.spreads) + 0.01

    def log_prob(self, x: Tensor) -> Tensor:
        """Log-density in nats: (n, *space.shape) -> (n,)"""
        distance = (x.flatten(1)[:, None] - self.means) / self.deviations()
        normal = -0.5 * distance**2 - self.deviations().log() - 0.5 * math.log(2 * math.pi)
        return (normal.sum(2) + self.logits.log_softmax(0)).logsumexp(1)


class MaximumLikelihood(Stage):
    """Moves the clouds to where the data are."""

    def __init__(self, mixture: Mixture) -> None:
        self.mixture = mixture

    def setup(self, training: Training) -> State:
        return State(optimizer=torch.optim.Adam(self.mixture.parameters(), lr=self.mixture.params.learning_rate))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        loss = -self.mixture.log_prob(batch.x).mean()
        training.update(loss, state.optimizer)
        return {"loss": loss.detach()}


class Temperature(Params):
    """How far from the centres samples are taken."""

    temperature: float = param(1.0, "Size of the clouds when drawing.", ge=0.0, le=2.0)


class Sample(Sampler):
    """Picks a cloud, then a place in it."""

    Controls = Temperature

    def __init__(self, mixture: Mixture) -> None:
        self.mixture = mixture
        self.output = sample_port(mixture.space)
        components, dimensions = mixture.means.shape
        self.plan = Plan(initial=Noise(shape=(components,), law="gumbel"), each=Noise(shape=(dimensions,)))

    def init(self, noise: Tensor, given: Given) -> Carry:
        cloud = (self.mixture.logits + noise).argmax(1)
        return {"x": self.mixture.means[cloud], "deviation": given["temperature"] * self.mixture.deviations()[cloud]}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        return {"x": carry["x"] + carry["deviation"] * noise, "deviation": carry["deviation"]}

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"].reshape(-1, *self.output.shape)


class LogProb(Score):
    """Exact log-density in nats."""

    def __init__(self, mixture: Mixture) -> None:
        self.mixture = mixture
        self.inputs = (sample_port(mixture.space),)

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        return self.mixture.log_prob(sample)
