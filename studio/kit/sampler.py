"""Generation as a pure machine: `init`, `step` times n, `finish`, on plain tensors, with the noise passed in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from studio.api.noise import NoiseStream
from studio.api.params import Parameter, Params, describe, settle
from studio.api.sampler import Plan, Port, SamplerCard

Carry = dict[str, Tensor]
Given = Mapping[str, Tensor]


class Sampler:
    """One way to make samples; the host derives progress, preview, cancel and the ONNX graphs from it.

    Every method is pure: no randomness, no state, nothing that depends on the batch size at trace time. The carry keeps
    its names, shapes and dtypes from `init` to the last `step`. `given` holds the inputs by port name, batched, and each
    control as a scalar tensor (float32, or int64 for whole numbers, switches and the index of a choice).

    Attributes:
        plan: number of steps and the noise needed.
        output: what comes out.
        inputs: what goes in besides noise, such as a label.
        Controls: the sliders.
        quick: controls for fast previews while training.
    """

    plan: Plan = Plan()
    output: Port
    inputs: tuple[Port, ...] = ()
    Controls: type[Params] = Params
    quick: Mapping[str, Any] = {}

    def init(self, noise: Tensor, given: Given) -> Carry:
        """The carry before the first step; `noise` is (n, *plan.initial.shape), or (n, 0) where the plan has none."""
        raise NotImplementedError

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        """The carry after step `i` (int64 scalar); `noise` is (n, *plan.each.shape), or (n, 0)."""
        return carry

    def finish(self, carry: Carry) -> Tensor:
        """The samples: (n, *output.shape)."""
        raise NotImplementedError

    def peek(self, carry: Carry) -> Tensor:
        """What the samples look like so far."""
        return self.finish(carry)

    def card(self, name: str) -> SamplerCard:
        """The sampler as plain data; the carry is added at export."""
        return SamplerCard(
            name=name, plan=self.plan, inputs=self.inputs, controls=describe(self.Controls), output=self.output
        )  # fmt: skip


def control_tensor(parameter: Parameter, value: Any) -> Tensor:
    """A control's value as the scalar tensor that samplers receive."""
    if parameter.kind == "number":
        return torch.tensor(float(value))
    return torch.tensor(parameter.choices.index(value) if parameter.kind == "choice" else int(value))


def given_tensors(sampler: Sampler, inputs: Mapping[str, Tensor], controls: Mapping[str, Any], device: torch.device) -> Given:
    """Inputs and checked controls together; StudioError names the limits of a control that is outside them."""
    parameters = describe(sampler.Controls)
    values = settle(parameters, controls)
    scalars = {parameter.name: control_tensor(parameter, values[parameter.name]) for parameter in parameters}
    return {name: tensor.to(device) for name, tensor in {**inputs, **scalars}.items()}


def count_steps(plan: Plan, controls: Mapping[str, Any]) -> int:
    """The number of steps: the plan's own, or the control it names."""
    return plan.steps if isinstance(plan.steps, int) else int(controls[plan.steps])


def trajectory(
    sampler: Sampler, n: int, noise: NoiseStream, inputs: Mapping[str, Tensor], controls: Mapping[str, Any], device: torch.device
) -> Iterator[Carry]:
    """Run a sampler in torch, yielding the carry after `init` and after each step."""
    given = given_tensors(sampler, inputs, controls, device)
    steps = count_steps(sampler.plan, settle(describe(sampler.Controls), controls))
    empty = torch.empty((n, 0), device=device)
    draw = lambda law: torch.from_numpy(noise.draw(law)).to(device) if law else empty  # noqa: E731
    with torch.no_grad():
        carry = sampler.init(draw(sampler.plan.initial), given)
        yield carry
        for i in range(steps):
            carry = sampler.step(carry, torch.tensor(i, device=device), draw(sampler.plan.each), given)
            yield carry


def sample(
    sampler: Sampler,
    n: int,
    seed: int = 0,
    inputs: Mapping[str, Tensor] | None = None,
    controls: Mapping[str, Any] | None = None,
    device: torch.device | str = "cpu",
) -> Tensor:
    """`n` finished samples, (n, *output.shape); the same seed gives the same samples whatever n is."""
    place = torch.device(device)
    *_, carry = trajectory(sampler, n, NoiseStream(seed, n), inputs or {}, controls or {}, place)
    with torch.no_grad():
        return sampler.finish(carry)


def default_inputs(
    ports: Sequence[Port], n: int, classes: int, example: Tensor | None = None, words: Tensor | None = None
) -> dict[str, Tensor]:
    """Inputs for a preview or a law: no particular class, the first symbol as prompt, `example` or zeros for the rest.

    Args:
        words: captions (N, t) that a prompt of a fixed length takes in turn.
    """
    return {port.name: _default_input(port, n, classes, example, words) for port in ports}


def _default_input(port: Port, n: int, classes: int, example: Tensor | None, words: Tensor | None) -> Tensor:
    if port.name == "prompt" and words is not None and port.shape[0] >= words.shape[1]:
        chosen = words[torch.arange(n, device=words.device) % len(words)]
        return F.pad(chosen, (0, port.shape[0] - words.shape[1]))
    if port.kind == "label":
        return torch.full((n,), classes, dtype=torch.int64)
    shape = (n, *(1 if size < 0 else size for size in port.shape))
    if example is not None and tuple(example.shape[1:]) == shape[1:]:
        return example[torch.arange(n) % len(example)]
    return torch.zeros(shape, dtype=getattr(torch, port.dtype))
