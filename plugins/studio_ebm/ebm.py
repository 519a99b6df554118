"""EBM: a network as an energy, trained by persistent contrastive divergence with Langevin chains."""

from collections.abc import Mapping, Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, Noise, Params, Plan, Signature, param
from studio.kit.ema import EMA
from studio.kit.generator import sample_port
from studio.kit.gradgraph import GradientGraph, input_gradient
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.source import Batch
from studio.kit.stage import Stage, State
from studio.kit.training import Training

from .cards.ebm import EBMParams
from .energy import CLASS_WEIGHT, Energy, EnergyBased
from .langevin import move
from .replay import ReplayBuffer


class EBM(EnergyBased):
    """A density proportional to exp(-energy), the energy being any network.

    Source: Du and Mordatch, Implicit Generation and Generalization in Energy-Based Models, 2019,
    https://arxiv.org/abs/1903.08689; Du et al., Improved Contrastive Divergence Training of Energy Based Models, 2020,
    https://arxiv.org/abs/2012.01316
    """

    def __init__(self, signature: Signature, params: EBMParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        self.network = Energy(signature.space, params.width, params.depth, self.classes)
        self.average = EMA(self.network, params.ema)
        self._gradient = GradientGraph(self.average.network)

    def stages(self) -> Sequence[Stage]:
        return (ContrastiveDivergence(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Langevin(self)}

    def energy(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.average(x, labels)

    def gradient(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        return self._gradient(x, labels)


class ContrastiveDivergence(Stage):
    """Lowers the energy of data and raises it where Langevin chains went that never start again from data.

    Where there are classes the network learns to tell them too: log p(x, class) = log p(x) + log p(class | x).
    """

    def __init__(self, ebm: EBM) -> None:
        self.ebm = ebm
        self.params = cast(EBMParams, ebm.params)

    def setup(self, training: Training) -> State:
        optimizer = torch.optim.Adam(self.ebm.network.parameters(), lr=self.params.learning_rate, betas=(0.0, 0.999))
        return State(optimizer=optimizer, buffer=ReplayBuffer(self.params.chains, self.ebm.space.shape, training.device))

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        real = batch.x + self.params.data_noise * torch.randn_like(batch.x)
        fake = self.continue_chains(state.buffer, len(real))
        logits = self.ebm.network.logits(torch.cat([real, fake]))
        on_real, on_fake = (-logits.logsumexp(1)).split([len(real), len(fake)])
        flatness = self.params.flatness * self.settling(training)
        loss = on_real.mean() - on_fake.mean() + flatness * (on_real.square().mean() + on_fake.square().mean())
        if batch.labels is not None:
            loss = loss + CLASS_WEIGHT * F.cross_entropy(logits[: len(real)], batch.labels)
        training.update(loss, state.optimizer, clip=1.0, lr=self.params.learning_rate * self.settling(training))
        self.ebm.average.update(self.ebm.network)
        return {"loss": loss.detach(), "energy": on_real.detach().mean(), "gap": (on_fake - on_real).detach().mean()}

    def continue_chains(self, buffer: ReplayBuffer, n: int) -> Tensor:
        """Some chains (at most n) after `langevin_steps` more steps, which are kept."""
        places, x = buffer.draw(n, self.params.restart)
        for _ in range(self.params.langevin_steps):
            noise = self.params.temperature**0.5 * torch.randn_like(x)
            x = move(x, input_gradient(self.ebm.network, x)[1], self.params.step_size, noise)
        buffer.put(places, x)
        return x

    @staticmethod
    def settling(training: Training) -> float:
        """What learning rate and flatness are multiplied with: falling in the second half, so that energy and chains settle."""
        warm = min(1.0, (training.stage_step + 1) / 100)
        return warm * min(1.0, 0.02 + 1.96 * (1 - training.fraction))


def langevin_controls(default: EBMParams) -> type[Params]:
    """Sliders of a Langevin chain, set as the chains of the training were."""

    class Controls(Params):
        steps: int = param(200, "Moves of the chain; more is closer to the model and slower.", ge=1, le=2000, logarithmic=True)
        step_size: float = param(
            default.step_size, "Deviation of the noise of one move: larger walks faster and less exactly.", ge=0.001, le=1.0,
            logarithmic=True,
        )  # fmt: skip
        temperature: float = param(
            default.temperature, "Heat of the walk: 0 rolls downhill only, 1 samples the density itself.", ge=0.0, le=2.0
        )

    return Controls


class Langevin(Sampler):
    """A chain from standard normal noise; pictures take the last move without noise."""

    quick = {"steps": 40}

    def __init__(self, ebm: EBM) -> None:
        self.ebm = ebm
        self.Controls: type[Params] = langevin_controls(cast(EBMParams, ebm.params))
        noise = Noise(shape=ebm.space.shape)
        self.plan = Plan(steps="steps", initial=noise, each=noise)
        self.inputs = ebm.label_ports()
        self.output = sample_port(ebm.space)
        self.calm = isinstance(ebm.space, Image)

    def init(self, noise: Tensor, given: Given) -> Carry:
        return {"x": noise}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        heat = given["temperature"].sqrt()
        if self.calm:
            heat = heat * (i + 1 < given["steps"])
        gradient = self.ebm.gradient(carry["x"], given.get("label"))
        return {"x": move(carry["x"], gradient, given["step_size"], heat * noise)}

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]
