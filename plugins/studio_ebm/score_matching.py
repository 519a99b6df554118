"""Denoising score matching of an energy, and annealed Langevin dynamics."""

import math
from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Noise, Params, Plan, Signature, param
from studio.kit.ema import EMA
from studio.kit.generator import sample_port
from studio.kit.gradgraph import GradientGraph
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.schedules import broadcast
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.score_matching import ScoreMatchingParams
from .energy import CLASS_WEIGHT, Energy, EnergyBased
from .langevin import move


class ScoreMatching(EnergyBased):
    """Energies of data with noise of several levels, learned through their gradients: no chain runs while training.

    The energy of a sample, and what it is judged by, is that of the smallest level.

    Source: Vincent, A Connection Between Score Matching and Denoising Autoencoders, 2011,
    https://doi.org/10.1162/NECO_a_00142; Song and Ermon, Generative Modeling by Estimating Gradients of the Data
    Distribution, 2019, https://arxiv.org/abs/1907.05600
    """

    def __init__(self, signature: Signature, params: ScoreMatchingParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        self.network = Energy(signature.space, params.width, params.depth, self.classes, noisy=True)
        self.average = EMA(self.network, params.ema)
        self.register_buffer("sigmas", levels(params), persistent=False)
        self.sigmas: Tensor
        self._gradient = GradientGraph(self.average.network)

    def stages(self) -> Sequence[Stage]:
        return (DenoisingScoreMatching(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": AnnealedLangevin(self)}

    def energy(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.average(x, labels, self.sigmas[-1].expand(x.shape[0]))

    def gradient(self, x: Tensor, labels: Tensor | None = None, sigma: Tensor | None = None) -> Tensor:
        """Of the energy at noise level `sigma` (1,), the smallest unless given; like x, exportable."""
        level = self.sigmas[-1:] if sigma is None else sigma
        return self._gradient(x, labels, level.expand(x.shape[0]))


def levels(params: ScoreMatchingParams) -> Tensor:
    """Noise levels from the largest to the smallest, each the same part of the one before: (levels,)."""
    ends = math.log(params.sigma_max), math.log(params.sigma_min)
    return torch.linspace(*ends, params.levels).exp()


class DenoisingScoreMatching(Stage):
    """Leads sigma times the energy's gradient, at a noised sample, to the noise that was added.

    Where there are classes the network learns to tell them in the noised samples too.
    """

    def __init__(self, model: ScoreMatching) -> None:
        self.model = model
        self.params = cast(ScoreMatchingParams, model.params)

    def setup(self, training: Training) -> State:
        weights = self.model.network.parameters()
        return State(optimizer=torch.optim.AdamW(weights, lr=self.params.learning_rate, weight_decay=0.0))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        sigma = self.model.sigmas[torch.randint(self.params.levels, (len(batch.x),), device=batch.x.device)]
        loss, logits = denoising_loss(self.model.network, batch.x, sigma, torch.randn_like(batch.x))
        whole = loss if batch.labels is None else loss + CLASS_WEIGHT * F.cross_entropy(logits, batch.labels.repeat(2))
        warm = min(1.0, (training.stage_step + 1) / 100)
        rate = self.params.learning_rate * warm * min(1.0, 0.02 + 1.96 * (1 - training.fraction))
        training.update(whole, state.optimizer, clip=1.0, lr=rate)
        self.model.average.update(self.model.network)
        return {"loss": loss.detach()}


def denoising_loss(network: Energy, x: Tensor, sigma: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Mean squared error of the scaled gradient against the noise at levels (n,), a scalar, and the logits (2n, classes).

    Each noise is used with both signs: what does not depend on the energy's curvature cancels, which is most of the variance
    where the noise is small.
    """
    x, sigma, noise = torch.cat([x, x]), torch.cat([sigma, sigma]), torch.cat([noise, -noise])
    noised = (x + broadcast(sigma, x) * noise).requires_grad_()
    with torch.enable_grad():
        logits = network.logits(noised, sigma)
        (gradient,) = torch.autograd.grad(-logits.logsumexp(1).sum(), noised, create_graph=True)
    return F.mse_loss(broadcast(sigma, x) * gradient, noise), logits


class Controls(Params):
    """Sliders of annealed Langevin dynamics."""

    steps: int = param(
        300, "Moves over all noise levels; more is closer to the model and slower.", ge=1, le=2000, logarithmic=True
    )
    step_size: float = param(
        0.8, "Deviation of the noise of one move, relative to the noise level.", ge=0.01, le=1.0, logarithmic=True
    )
    temperature: float = param(1.0, "Heat of the walk: 0 rolls downhill only, 1 samples the density itself.", ge=0.0, le=2.0)


class AnnealedLangevin(Sampler):
    """Chains from noise of the largest level down the levels; the last move removes the noise that is left.

    Source of the last move: Song and Ermon, Improved Techniques for Training Score-Based Generative Models, 2020,
    https://arxiv.org/abs/2006.09011
    """

    Controls = Controls
    quick = {"steps": 40}

    def __init__(self, model: ScoreMatching) -> None:
        self.model = model
        noise = Noise(shape=model.space.shape)
        self.plan = Plan(steps="steps", initial=noise, each=noise)
        self.inputs = model.label_ports()
        self.output = sample_port(model.space)

    def init(self, noise: Tensor, given: Given) -> Carry:
        return {"x": (1 + self.model.sigmas[0].square()).sqrt() * noise}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        x, last = carry["x"], i + 1 == given["steps"]
        level = torch.where(last, len(self.model.sigmas) - 1, i * len(self.model.sigmas) // given["steps"])
        sigma = self.model.sigmas.index_select(0, level.reshape(1))
        gradient = self.model.gradient(x, given.get("label"), sigma)
        moved = move(x, gradient, given["step_size"] * sigma, given["temperature"].sqrt() * noise)
        return {"x": torch.where(last, x - sigma.square() * gradient, moved)}

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]
