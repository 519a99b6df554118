"""What both methods share: a function that maps a sample of any noise level to the end of its path, and its sampler."""

import copy
from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn

from studio.api import Image, Noise, Params, Plan, Signature, StudioError, param
from studio.kit.denoiser import Denoiser
from studio.kit.ema import EMA
from studio.kit.generator import Generator, sample_port
from studio.kit.insight import Insight, arrows
from studio.kit.networks.embedding import keep_classes
from studio.kit.networks.spaces import denoiser
from studio.kit.preconditioning import SIGMA_MAX, Preconditioned
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.source import Batch

from .cards.networks import NetworkParams

CLASS_DROPOUT = 0.1


class ConsistencyModel(Generator):
    """f(x, sigma), the end of the path through x; f(x, 0) = x by its parametrisation.

    A teacher stays outside: in `inputs`, not among the modules, so neither checkpoints nor graphs hold it.

    Source: Song et al., Consistency Models, 2023, https://arxiv.org/abs/2303.01469
    """

    def __init__(self, signature: Signature, params: NetworkParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, inputs)
        teacher = teacher_of(self.inputs, signature)
        taken = taken_over(teacher)
        self.inherits = taken is not None
        self.function = taken or self._fresh(params)
        self.average = EMA(self.function, params.ema)
        self.sigma_max = min(SIGMA_MAX, teacher.sigma_max) if teacher else SIGMA_MAX

    @property
    def teacher(self) -> Denoiser | None:
        """The model to learn from."""
        return cast("Denoiser | None", self.inputs.get("teacher"))

    def _fresh(self, params: NetworkParams) -> Preconditioned:
        network = denoiser(self.space, params.width, params.depth, self.classes, params.patch)
        return Preconditioned(keep_classes(network), params.sigma_data)

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Jump(self)}

    def insights(self) -> Mapping[str, Insight]:
        return {"from noise to its end": arrows(self.way, next(self.parameters()).device)}

    def way(self, noise: Tensor) -> Tensor:
        """From noise (n, 2) of unit variance to where it ends, of any class."""
        sigma = torch.full((len(noise),), self.sigma_max, device=noise.device)
        return self.average(self.sigma_max * noise, sigma) - noise


def teacher_of(inputs: Mapping[str, nn.Module], signature: Signature) -> Denoiser | None:
    """The teacher among the inputs, None where there is none; StudioError where it cannot teach these data."""
    teacher = inputs.get("teacher")
    if teacher is None:
        return None
    if not (isinstance(teacher, Generator) and isinstance(teacher, Denoiser)):
        raise StudioError("The teacher cannot denoise samples; choose a run of a diffusion method such as edm or ddpm.")
    learned, wanted = (_words(kind) for kind in (teacher.signature, signature))
    if learned != wanted:
        raise StudioError(
            f"The teacher was trained on other data: {learned}, not {wanted}. Choose or train one on the same data."
        )
    return teacher


def _words(signature: Signature) -> str:
    shape = "x".join(map(str, signature.space.shape))
    return f"{signature.space.kind} of {shape} in {len(signature.classes)} classes"


def taken_over(teacher: Denoiser | None) -> Preconditioned | None:
    """A copy of the teacher's network, free to learn, where it is of the same kind: preconditioned as in EDM."""
    average = getattr(teacher, "average", None)
    network = getattr(average, "network", None)
    if not isinstance(network, Preconditioned):
        return None
    copied = copy.deepcopy(network).requires_grad_(True)
    keep_classes(copied)
    return copied


def with_any(batch: Batch, classes: int) -> Tensor | None:
    """The batch's classes (n,), some replaced by "any"; drawn once, because all estimates of one step need the same."""
    if batch.labels is None or not classes:
        return None
    return torch.where(torch.rand(batch.labels.shape, device=batch.labels.device) < CLASS_DROPOUT, classes, batch.labels)


def pseudo_huber(difference: Tensor, huber: float) -> Tensor:
    """sqrt(|d|^2 + c^2) - c of differences (n, ...): (n,), with c = huber * sqrt(numbers in a sample).

    Source: Song and Dhariwal, 2023, section 3.3, https://arxiv.org/abs/2310.14189
    """
    squares = difference.flatten(1).square()
    c = huber * squares.shape[1] ** 0.5
    return (squares.sum(1) + c**2 + 1e-12).sqrt() - c


class Steps(Params):
    """How often the sample is noised again and mapped to the data again."""

    steps: int = param(2, "Network evaluations.", ge=1, le=4)
    sigma: float = param(
        0.8, "Noise level before the last evaluation; levels between it and pure noise are spread evenly in their logarithm.",
        ge=0.01, le=40.0, logarithmic=True,
    )  # fmt: skip


class Jump(Sampler):
    """Multistep consistency sampling: to the data, some noise again, to the data again.

    Source: Song et al., 2023, algorithm 1, https://arxiv.org/abs/2303.01469
    """

    Controls = Steps

    def __init__(self, model: ConsistencyModel) -> None:
        self.model = model
        noise = Noise(shape=model.space.shape)
        self.plan = Plan(steps="steps", initial=noise, each=noise)
        self.inputs = model.label_ports()
        self.output = sample_port(model.space)
        self.bounded = isinstance(model.space, Image)

    def init(self, noise: Tensor, given: Given) -> Carry:
        return {"x": self.model.sigma_max * noise}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        level = self.level(i, given)
        x = torch.where(i == 0, carry["x"], carry["x"] + level * noise)
        clean = cast(Tensor, self.model.average(x, level.expand(x.shape[0]), given.get("label")))
        return {"x": clean.clamp(-1, 1) if self.bounded else clean}

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]

    def level(self, i: Tensor, given: Given) -> Tensor:
        """The noise level before evaluation `i`, (1,): `sigma_max` first, `sigma` last."""
        share = i / (given["steps"] - 1).clamp(min=1)
        return (self.model.sigma_max * (given["sigma"] / self.model.sigma_max) ** share).reshape(1)
