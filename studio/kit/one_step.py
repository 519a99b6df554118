"""Samplers that need a single evaluation: decoders, encoders, GAN generators, flows."""

from torch import Tensor

from studio.api.sampler import Noise, Plan, Port
from studio.kit.sampler import Carry, Given, Sampler


class OneStep(Sampler):
    """A sampler that is one function of noise and inputs: override `make`."""

    def __init__(self, output: Port, inputs: tuple[Port, ...] = (), noise: Noise | None = None) -> None:
        self.output = output
        self.inputs = inputs
        self.plan = Plan(initial=noise)

    def make(self, noise: Tensor, given: Given) -> Tensor:
        """The output (n, *output.shape)."""
        raise NotImplementedError

    def init(self, noise: Tensor, given: Given) -> Carry:
        return {"x": self.make(noise, given)}

    def finish(self, carry: Carry) -> Tensor:
        return carry["x"]
