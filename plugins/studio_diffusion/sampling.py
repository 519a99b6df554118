"""From noise to a sample with any solver of the family, with classifier-free guidance."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from studio.api import Noise, Params, Plan, param
from studio.kit.generator import sample_port
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.solvers import Level, Solver, choose, intervals, place, remember, weights

if TYPE_CHECKING:
    from .diffusion import Diffusion


def guidance(model: "Diffusion") -> type[Params]:
    """The slider of classifier-free guidance, where there is something to be guided by."""
    if not model.guided:
        return Params

    class Guidance(Params):
        guidance_scale: float = param(
            model.guidance, "How strongly the class or the prompt is enforced; 1 is no guidance.", ge=0.0, le=10.0
        )

    return Guidance


def pace(model: "Diffusion", usual: int) -> type[Params]:
    """How many evaluations, `usual` unless changed, and the guidance."""

    class Pace(guidance(model)):
        steps: int = param(
            min(usual, model.most_steps), "Network evaluations; more is finer and slower.",
            ge=1, le=model.most_steps, logarithmic=True,
        )  # fmt: skip

    return Pace


def controls(model: "Diffusion") -> type[Params]:
    """Sliders: how many evaluations, by which solver."""

    class Controls(pace(model, model.steps)):
        solver: Solver = param(
            model.solver,
            "ddim: good at 50 steps; ancestral: best at hundreds; euler: ddim without noise; heun and dpmpp_2m (DPM-Solver++ "
            "of second order): good at 10 to 40.",
        )
        eta: float = param(
            0.0, "Fresh noise at each step of ddim: 0 is deterministic, 1 as much as ancestral.",
            ge=0.0, le=1.0, basic=False, shown_when={"solver": "ddim"},
        )  # fmt: skip

    return Controls


FAINTEST = 200.0
"""Times more noise than signal."""


class Guided(Sampler):
    """A sampler that asks a diffusion model for the clean sample."""

    quick = {"steps": 10}

    def __init__(self, model: "Diffusion") -> None:
        self.model = model
        self.bounded = model.bounded
        self.inputs = model.label_ports()
        self.output = sample_port(model.space)

    def estimate(self, x: Tensor, level: Level, given: Given) -> Tensor:
        """The clean sample, kept in [-1, 1] where the data is.

        Source of the guidance: Ho and Salimans, Classifier-Free Diffusion Guidance, 2022, https://arxiv.org/abs/2207.12598
        """
        clean = self.guided(x, level, given)
        return clean.clamp(-1, 1) if self.bounded else clean

    def guided(self, x: Tensor, level: Level, given: Given) -> Tensor:
        """Away from what any class gives, towards what the chosen class gives."""
        if not self.model.classes:
            return self.model.clean(x, level, None)
        n = x.shape[0]
        anything = torch.full_like(given["label"], self.model.classes)
        both = self.model.clean(torch.cat([x, x]), level, torch.cat([given["label"], anything]))
        return both[n:] + given["guidance_scale"] * (both[:n] - both[n:])

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]


@dataclass(frozen=True)
class Stride:
    """An interval of the grid, the level where the one before began, and whether this evaluation corrects it at its end."""

    before: Level
    now: Level
    then: Level
    correcting: Tensor

    @property
    def hopeless(self) -> Tensor:
        """Whether Heun's correction would only do harm, so that the interval stays Euler's.

        It multiplies what two estimates of the clean sample differ by with half the ratio of their noise levels, and that is
        thousands where a schedule begins with next to no signal, as cosine does.
        """
        return self.correcting & (self.now.sigma > FAINTEST * self.now.alpha)


class Sample(Guided):
    """From pure noise to a sample, one evaluation of the network a step."""

    def __init__(self, model: "Diffusion") -> None:
        super().__init__(model)
        self.Controls: type[Params] = controls(model)
        noise = Noise(shape=model.space.shape)
        self.plan = Plan(steps="steps", initial=noise, each=noise)

    def init(self, noise: Tensor, given: Given) -> Carry:
        return {"x": self.model.spread * noise, "memory": torch.zeros_like(noise)}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        k, correcting = place(i, given["steps"], self.pattern(given))
        before, now, then = (self.level(j, given) for j in ((k - 1).clamp(min=0), k, k + 1))
        now, x = self.churn(now, carry["x"], torch.where(correcting, 0.0, noise), given)
        clean = self.estimate(x, choose(correcting, then, now), given)
        stride = Stride(before, now, then, correcting)
        return {
            "x": self.move(stride, {"x": x, "memory": carry["memory"]}, clean, noise, given),
            "memory": remember(self.pattern(given), x, clean),
        }

    def move(self, stride: Stride, carry: Carry, clean: Tensor, noise: Tensor, given: Given) -> Tensor:
        """The next x."""
        step = weights(self.pattern(given), stride.before, stride.now, stride.then, given["eta"], stride.correcting)
        return torch.where(stride.hopeless, carry["x"], step.combine(carry["x"], clean, carry["memory"], noise))

    def pattern(self, given: Given) -> Tensor:
        """The index of the solver whose order of evaluations is followed."""
        return given["solver"]

    def level(self, k: Tensor, given: Given) -> Level:
        """Level `k` of the grid that the controls ask for."""
        return self.model.level(k, intervals(given["steps"], self.pattern(given)), self.strength(given))

    def strength(self, given: Given) -> Tensor | float:
        """Which part of the way from noise to data is gone."""
        return 1.0

    def churn(self, now: Level, x: Tensor, noise: Tensor, given: Given) -> tuple[Level, Tensor]:
        """Where the step really starts: models that raise the noise level first do it here."""
        return now, x
