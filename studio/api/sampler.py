"""How samples are made, described well enough to be run without the plugin: a plan, noise, ports and controls."""

from typing import Literal

from studio.api.frozen import Frozen
from studio.api.params import Parameter

PortKind = Literal[
    "image", "latent", "text", "conditioning", "label", "audio", "points", "table", "scene", "model", "number", "samples", "any",
]  # fmt: skip


class Noise(Frozen):
    """Random numbers for one sample, float32: shape without the batch."""

    shape: tuple[int, ...]
    law: Literal["normal", "uniform", "gumbel"] = "normal"


class Plan(Frozen):
    """How many steps a sampler takes (a number, or the name of the control that says), and the noise it needs."""

    steps: int | str = 1
    initial: Noise | None = None
    each: Noise | None = None


class Port(Frozen):
    """A tensor that a sampler or a score takes or gives: shape without the batch, -1 where it may vary.

    Of a text longer than `longest` symbols (where that is not 0) the host passes the last ones.
    """

    name: str
    kind: PortKind
    shape: tuple[int, ...] = ()
    dtype: Literal["float32", "int64"] = "float32"
    optional: bool = False
    longest: int = 0


class SamplerCard(Frozen):
    """A sampler as the host sees it; `carry` names the tensors passed from step to step."""

    name: str
    plan: Plan
    inputs: tuple[Port, ...] = ()
    controls: tuple[Parameter, ...] = ()
    output: Port
    carry: tuple[Port, ...] = ()


class ScoreCard(Frozen):
    """One number per sample, such as a log-likelihood in nats; `noise` where the score is an estimate that draws."""

    name: str
    unit: str
    higher_is_better: bool
    inputs: tuple[Port, ...]
    noise: Noise | None = None
