"""Following the velocity from noise to data and back."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from studio.api import Noise, Params, Plan, Port, param
from studio.kit.generator import sample_port
from studio.kit.ode import Solver, advance, backwards, start
from studio.kit.sampler import Carry, Given, Sampler

if TYPE_CHECKING:
    from .vector_field import VectorField


class SolverControls(Params):
    """How exactly paths are followed."""

    steps: int = param(
        20, "Network evaluations; a midpoint or Heun step takes two, a Runge-Kutta step four.", ge=1, le=1000, logarithmic=True
    )
    solver: Solver = param("midpoint", "How a step is made; rk4 is the most exact where there are enough evaluations.")


class GuidedControls(SolverControls):
    """The same, for a chosen class."""

    guidance_scale: float = param(1.5, "How strongly a chosen class is enforced; 1 is no guidance.", ge=0.0, le=10.0)


class Solve(Sampler):
    """From noise along the velocity, one network evaluation a step.

    Source of the guidance: Ho and Salimans, Classifier-Free Diffusion Guidance, 2022, https://arxiv.org/abs/2207.12598; on
    velocities: Zheng et al., Guided Flows for Generative Modeling and Decision Making, 2023, https://arxiv.org/abs/2311.13443
    """

    quick = {"steps": 10}

    def __init__(self, field: "VectorField") -> None:
        self.field = field
        self.Controls: type[Params] = GuidedControls if field.classes else SolverControls
        self.plan = Plan(steps="steps", initial=Noise(shape=field.space.shape))
        self.inputs = field.label_ports()
        self.output = sample_port(field.space)

    def init(self, noise: Tensor, given: Given) -> Carry:
        return start(noise)

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        return advance(lambda x, time: self.guided(x, time, given), carry, i, given["steps"], given["solver"])

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]

    def guided(self, x: Tensor, time: Tensor, given: Given) -> Tensor:
        """Away from where any class goes, towards where the chosen class goes."""
        if not self.field.classes:
            return self.field.velocity(x, time)
        n = x.shape[0]
        labels = torch.cat([given["label"], torch.full_like(given["label"], self.field.classes)])
        both = self.field.velocity(torch.cat([x, x]), time, labels)
        return both[n:] + given["guidance_scale"] * (both[:n] - both[n:])


class Encode(Sampler):
    """From a sample back along the velocity to the noise it would be made of."""

    quick = {"steps": 10}
    Controls = SolverControls

    def __init__(self, field: "VectorField") -> None:
        self.field = field
        self.plan = Plan(steps="steps")
        self.inputs = (sample_port(field.space), *field.label_ports())
        self.output = Port(name="latent", kind="latent", shape=field.space.shape)

    def init(self, noise: Tensor, given: Given) -> Carry:
        return start(given["sample"])

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        velocity = backwards(lambda x, time: self.field.velocity(x, time, given.get("label")))
        return advance(velocity, carry, i, given["steps"], given["solver"])

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]
