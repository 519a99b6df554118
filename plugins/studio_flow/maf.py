"""MAF: masked autoregressive flow."""

import math
from collections.abc import Mapping
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from studio.api import Image, Points, Signature, Table
from studio.api.sampler import Noise, Plan
from studio.kit.generator import require, sample_port
from studio.kit.sampler import Carry, Given, Sampler

from .cards.maf import MAFParams
from .coupling import Waves
from .normalizing_flow import CONTEXT, Encode, NormalizingFlow, Temperature, within
from .pictures import Flatten
from .transform import Chain, Transform

LARGEST_LOG_SCALE = 7.0


class MAF(NormalizingFlow):
    """Layers in which each number is standardised by a mean and a scale that depend on the numbers before it.

    The order is reversed after each layer. The likelihood takes one pass, a sample one step for each number and layer. In
    place of the paper's batch norm the first batch sets each layer's mean and scale.

    Source: Papamakarios et al., Masked Autoregressive Flow for Density Estimation, 2017, https://arxiv.org/abs/1705.07057
    """

    def __init__(self, signature: Signature, params: MAFParams, inputs: Mapping[str, nn.Module] | None = None) -> None:
        require(signature.space, Points, Table, Image)
        context = CONTEXT if signature.classes else 0
        layers = AutoregressiveLayers(
            math.prod(signature.space.shape), params.layers, params.width, params.depth, context
        )  # fmt: skip
        super().__init__(signature, params, Chain(Flatten(signature.space.shape), layers))

    @property
    def layers(self) -> "AutoregressiveLayers":
        """The averaged layers."""
        return cast(AutoregressiveLayers, cast(Chain, self.averaged.bijection).transforms[1])

    def samplers(self) -> Mapping[str, Sampler]:
        return {"sample": Sample(self), "encode": Encode(self)}


class MaskedLinear(nn.Module):
    """One masked linear map for each layer of the flow, (n, inputs) -> (n, outputs); all have the same mask.

    Args:
        mask: (outputs, inputs), 1 where an output may depend on an input.
    """

    def __init__(self, layers: int, mask: Tensor) -> None:
        super().__init__()
        bound = 1 / math.sqrt(mask.shape[1])
        self.weight = nn.Parameter(torch.empty(layers, *mask.shape).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(layers, len(mask)).uniform_(-bound, bound))
        self.register_buffer("mask", mask, persistent=False)
        self.mask: Tensor

    def forward(self, x: Tensor, layer: int | Tensor) -> Tensor:
        return F.linear(x, pick(self.weight, layer) * self.mask, pick(self.bias, layer))


def pick(stack: Tensor, layer: int | Tensor) -> Tensor:
    """An entry of a stack, by number or by an int64 scalar."""
    return stack[layer] if isinstance(layer, int) else stack.index_select(0, layer.reshape(1))[0]


class AutoregressiveLayers(Transform):
    """Masked perceptrons (MADE), one a layer: output i sees the inputs before i alone.

    Args:
        dimensions: numbers in a sample.
        context: width of the class's vector, 0 where there are no classes.

    Source of the masks: Germain et al., MADE, 2015, https://arxiv.org/abs/1502.03509
    """

    def __init__(self, dimensions: int, layers: int, width: int, depth: int, context: int) -> None:
        super().__init__()
        self.dimensions = dimensions
        self.count = layers
        self.waves = Waves()
        place = torch.arange(dimensions)
        seen = place.repeat(Waves.count)
        hidden = torch.arange(width) % max(1, dimensions - 1)
        grow, keep = (hidden[:, None] >= seen).float(), (hidden[:, None] >= hidden).float()
        self.hidden = nn.ModuleList(MaskedLinear(layers, grow if k == 0 else keep) for k in range(depth))
        self.last = MaskedLinear(layers, (place[:, None] > hidden).float().repeat(2, 1))
        self.label = MaskedLinear(layers, torch.ones(width, context)) if context else None
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def mean_and_scale(self, x: Tensor, layer: int | Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        """Mean and log-scale of each number given those before it, (n, dimensions) each."""
        h = self.hidden[0](self.waves(x), layer)
        if self.label is not None and context is not None:
            h = h + self.label(context, layer)
        for linear in self.hidden[1:]:
            h = h + linear(F.silu(h), layer)
        mean, log_scale = self.last(F.silu(h), layer).split(self.dimensions, dim=1)
        return mean, log_scale.clamp(-LARGEST_LOG_SCALE, LARGEST_LOG_SCALE)

    def forward(self, x: Tensor, context: Tensor | None) -> tuple[Tensor, Tensor]:
        volume = torch.zeros_like(x[:, 0])
        for layer in range(self.count):
            mean, log_scale = self.mean_and_scale(x, layer, context)
            x = ((x - mean) * (-log_scale).exp()).flip(1)
            volume = volume - log_scale.sum(1)
        return x, volume

    def inverse(self, z: Tensor, context: Tensor | None) -> Tensor:
        carry = {"below": z.flip(1), "x": torch.zeros_like(z)}
        for i in range(self.count * self.dimensions):
            carry = self.inverse_step(carry, torch.tensor(i, device=z.device), context)
        return carry["below"].flip(1)

    def inverse_step(self, carry: Carry, i: Tensor, context: Tensor | None) -> Carry:
        """One number more of the layer that is being inverted, from "below" (its output) to "x"."""
        layer, place = self.count - 1 - i // self.dimensions, i % self.dimensions
        mean, log_scale = self.mean_and_scale(carry["x"], layer, context)
        here = torch.arange(self.dimensions, device=mean.device) == place
        x = torch.where(here, carry["below"] * log_scale.exp() + mean, carry["x"])
        return {"below": torch.where(place == self.dimensions - 1, x.flip(1), carry["below"]), "x": x}

    @torch.no_grad()
    def initialise(self, x: Tensor, context: Tensor | None) -> None:
        for layer in range(self.count):
            mean, log_scale = self.mean_and_scale(x, layer, context)
            self.last.bias[layer] += torch.cat([(x - mean).mean(0), x.std(0, unbiased=False).clamp(min=1e-3).log()])
            mean, log_scale = self.mean_and_scale(x, layer, context)
            x = ((x - mean) * (-log_scale).exp()).flip(1)


class Sample(Sampler):
    """Each layer inverted number by number, the last layer first."""

    Controls = Temperature

    def __init__(self, flow: MAF) -> None:
        self.flow = flow
        self.output = sample_port(flow.space)
        self.inputs = flow.label_ports()
        self.plan = Plan(steps=flow.layers.count * flow.dimensions, initial=Noise(shape=(flow.dimensions,)))

    def init(self, noise: Tensor, given: Given) -> Carry:
        z = given["temperature"] * noise
        return {"below": z.flip(1), "x": torch.zeros_like(z)}

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        context = self.flow.averaged.context(given.get("label"), carry["x"].shape[0])
        return self.flow.layers.inverse_step(carry, i, context)

    def finish(self, carry: Carry) -> Tensor:
        samples = carry["below"].flip(1).unflatten(1, self.flow.space.shape)
        return within(samples, self.flow.space)
