"""EBM: a network as an energy, trained by persistent contrastive divergence with Langevin chains."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
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
from .metropolis import Place, Walk, advance
from .replay import ReplayBuffer


class EBM(EnergyBased):
    """A density proportional to exp(-energy), the energy being any network.

    Pictures are walked as the papers do it. The chains of points and rows are not the papers': Metropolis' rule makes them
    exact, and their fresh starts, taken or refused by it, keep the modes' masses right.

    Source: Du and Mordatch, Implicit Generation and Generalization in Energy-Based Models, 2019,
    https://arxiv.org/abs/1903.08689; Du et al., Improved Contrastive Divergence Training of Energy Based Models, 2020,
    https://arxiv.org/abs/2012.01316
    """

    def __init__(self, signature: Signature, params: EBMParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        self.network = Energy(signature.space, params.width, params.depth, self.classes)
        self.average = EMA(self.network, params.ema)
        self._gradient = GradientGraph(self.average.network)
        self.exact = not isinstance(signature.space, Image)

    def stages(self) -> Sequence[Stage]:
        return (ContrastiveDivergence(self),)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Metropolis(self) if self.exact else Langevin(self)}

    def energy(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        return self.average(x, labels)

    def gradient(self, x: Tensor, labels: Tensor | None = None) -> Tensor:
        return self._gradient(x, labels)


class ContrastiveDivergence(Stage):
    """Lowers the energy of data and raises it where chains went that never start again from data.

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
        places, x = buffer.draw(n, 0.0 if self.ebm.exact else self.params.restart)
        x = self.weighed(x) if self.ebm.exact else self.moved(x)
        buffer.put(places, x)
        return x

    def moved(self, x: Tensor) -> Tensor:
        """Pictures after plain Langevin steps, as the papers take them."""
        for _ in range(self.params.langevin_steps):
            noise = self.params.temperature**0.5 * torch.randn_like(x)
            x = move(x, input_gradient(self.ebm.network, x)[1], self.params.step_size, noise)
        return x

    def weighed(self, x: Tensor) -> Tensor:
        """Points and rows after steps that Metropolis' rule took or refused."""
        walk = Walk(self.params.step_size, torch.tensor(self.params.temperature, device=x.device), self.params.restart)
        look = lambda x: Place(x, *input_gradient(self.ebm.network, x))  # noqa: E731
        here = look(x)
        for _ in range(self.params.langevin_steps):
            here = advance(here, look, walk, torch.randn_like(x), torch.rand(len(x), 2, device=x.device))
        return here.x

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
    """A chain of pictures from standard normal noise; the last move is without noise."""

    quick = {"steps": 40}

    def __init__(self, ebm: EBM) -> None:
        self.ebm = ebm
        self.Controls: type[Params] = langevin_controls(cast(EBMParams, ebm.params))
        noise = Noise(shape=ebm.space.shape)
        self.plan = Plan(steps="steps", initial=noise, each=noise)
        self.inputs = ebm.label_ports()
        self.output = sample_port(ebm.space)

    def init(self, noise: Tensor, given: Given) -> Carry:
        return {"x": noise}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        heat = given["temperature"].sqrt() * (i + 1 < given["steps"])
        gradient = self.ebm.gradient(carry["x"], given.get("label"))
        return {"x": move(carry["x"], gradient, given["step_size"], heat * noise)}

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]


class Metropolis(Sampler):
    """A chain of points or rows from standard normal noise, which samples the density itself.

    The noise of a step is flat: that of the proposal, then two numbers that choose its kind and whether it is taken.
    """

    quick = {"steps": 40}

    def __init__(self, ebm: EBM) -> None:
        self.ebm = ebm
        self.Controls = leaping_controls(cast(EBMParams, ebm.params))
        numbers = ebm.space.shape[0]
        self.plan = Plan(steps="steps", initial=Noise(shape=(numbers,)), each=Noise(shape=(numbers + 2,)))
        self.inputs = ebm.label_ports()
        self.output = sample_port(ebm.space)

    def look(self, x: Tensor, labels: Tensor | None) -> Place:
        """The place of chains (n, d) in the landscape of their classes."""
        return Place(x, self.ebm.energy(x, labels), self.ebm.gradient(x, labels))

    def init(self, noise: Tensor, given: Given) -> Carry:
        return self.look(noise, given.get("label"))._asdict()

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        walk = Walk(given["step_size"], given["temperature"], given["restart"])
        uniform = 0.5 * (1 + torch.erf(noise[:, -2:] / math.sqrt(2)))
        look = partial(self.look, labels=given.get("label"))
        return advance(Place(**carry), look, walk, noise[:, :-2], uniform)._asdict()

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]


def leaping_controls(default: EBMParams) -> type[Params]:
    """Those of a Langevin chain, and how often it leaps."""

    class Controls(langevin_controls(default)):
        restart: float = param(
            default.restart, "Share of the steps that try to begin anew from noise, which leads to other modes.", ge=0.0, le=1.0
        )

    return Controls
