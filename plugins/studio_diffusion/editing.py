"""Samplers that start from something there is: inpainting, and image to image."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from studio.api import Image, Noise, Plan, Port, param
from studio.kit.generator import sample_port
from studio.kit.sampler import Carry, Given
from studio.kit.solvers import first_order

from .sampling import Guided, Sample, controls, pace

if TYPE_CHECKING:
    from .diffusion import Diffusion


def mask_port(model: "Diffusion") -> Port:
    """What is to be made anew: above zero; of a picture one channel for all."""
    space = model.space
    if isinstance(space, Image):
        return Port(name="mask", kind="image", shape=(1, space.height, space.width))
    return sample_port(space, "mask")


class ImageToImage(Sample):
    """Noise is added to a given sample and taken away again, so that its coarse structure stays.

    Source: Meng et al., SDEdit: Guided Image Synthesis and Editing with Stochastic Differential Equations, 2021,
    https://arxiv.org/abs/2108.01073
    """

    def __init__(self, model: "Diffusion") -> None:
        super().__init__(model)
        self.inputs = (sample_port(model.space), *model.label_ports())

        class Controls(controls(model)):
            strength: float = param(0.6, "How much is changed: 1 forgets the given sample.", ge=0.05, le=1.0)

        self.Controls = Controls

    def init(self, noise: Tensor, given: Given) -> Carry:
        start = self.level(torch.zeros_like(given["steps"]), given)
        return {"x": start.alpha * given["sample"] + start.sigma * noise, "memory": torch.zeros_like(noise)}

    def strength(self, given: Given) -> Tensor:
        return given["strength"]


class Inpaint(Guided):
    """What the mask leaves is kept, the rest is made to fit: before each step the kept part is put in, noised as the rest is.

    With `resampling` above 1 each interval is gone through several times, the rest noised again in between, so that both parts
    have time to agree.

    Source: Lugmayr et al., RePaint: Inpainting using Denoising Diffusion Probabilistic Models, 2022,
    https://arxiv.org/abs/2201.09865
    """

    def __init__(self, model: "Diffusion") -> None:
        super().__init__(model)
        self.inputs = (sample_port(model.space), mask_port(model), *model.label_ports())
        shape = model.space.shape
        self.plan = Plan(steps="steps", initial=Noise(shape=shape), each=Noise(shape=(2, *shape)))

        class Controls(pace(model, 100)):
            resampling: int = param(4, "How often each noise level is gone through; more fits the seam better.", ge=1, le=20)
            eta: float = param(1.0, "Fresh noise at each step: 0 is deterministic, 1 the most.", ge=0.0, le=1.0, basic=False)

        self.Controls = Controls

    def init(self, noise: Tensor, given: Given) -> Carry:
        return {"x": self.model.spread * noise}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        count = (given["steps"] // given["resampling"]).clamp(min=1)
        k, last = (j * count // given["steps"] for j in (i, (i - 1).clamp(min=0)))
        now, then = (self.model.level(j, count) for j in (k, k + 1))
        again, fresh = noise[:, 0], noise[:, 1]
        grow = now.alpha / then.alpha
        renoised = grow * carry["x"] + (now.sigma**2 - (grow * then.sigma) ** 2).clamp(min=0).sqrt() * again
        x = torch.where((i > 0) & (k == last), renoised, carry["x"])
        x = torch.where(given["mask"] > 0, x, now.alpha * given["sample"] + now.sigma * again)
        clean = self.estimate(x, now, given)
        x = first_order(now, then, given["eta"]).combine(x, clean, torch.zeros_like(x), fresh)
        return {"x": torch.where((given["mask"] > 0) | (i + 1 < given["steps"]), x, given["sample"])}
