"""The input gradient of a scalar network as a graph of plain operations: what energy-based models sample with, and export.

`torch.autograd.grad` inside an exported function is refused, and so are `torch.func.grad` and `vjp`. Here the gradient is traced
once for each shape into forward operations that take the weights as inputs: a sampler that calls it exports like any other, for
a batch of any size, and its weights stay the module's own.
"""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch._decomp import core_aten_decompositions
from torch._guards import tracing
from torch.func import functional_call  # pyright: ignore[reportUnknownVariableType]
from torch.fx import GraphModule
from torch.fx.experimental.proxy_tensor import make_fx
from torch.utils._python_dispatch import _disable_current_modes  # pyright: ignore[reportPrivateUsage]

aten = torch.ops.aten
BATCH = 5
"""The batch a gradient is traced with: a size that no axis of a network is likely to share."""


def input_gradient(energy: Callable[..., Tensor], x: Tensor, *given: Any, create_graph: bool = False) -> tuple[Tensor, Tensor]:
    """Energies (n,) and their gradient by the samples, like x (n, ...), by autograd: for training.

    Args:
        energy: called with x and `given`; a sample's energy may depend on no other sample.
        create_graph: whether a loss of the gradient is to be differentiated.
    """
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        energies = energy(x, *given)
        (gradient,) = torch.autograd.grad(energies.sum(), x, create_graph=create_graph)
    return (energies, gradient) if create_graph else (energies.detach(), gradient)


class GradientGraph:
    """The gradient of a module's energies by its first input, as operations that can be exported.

    Args:
        network: called as network(x, *given) -> (n,); a sample's energy may depend on no other sample. What it is called with
            has the batch as first axis.

    Example:
        >>> import torch
        >>> class Bowl(torch.nn.Module):
        ...     def forward(self, x):
        ...         return 0.5 * x.square().sum(1)
        >>> GradientGraph(Bowl())(torch.tensor([[3.0, -1.0]]))
        tensor([[ 3., -1.]])
    """

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def __call__(self, x: Tensor, *given: Tensor | None) -> Tensor:
        """The gradient, like x (n, ...), by autograd, and in an export by the graph; it is a constant for autograd."""
        if not torch.compiler.is_exporting():
            return input_gradient(self.network, x, *given)[1]
        weights = {**dict(self.network.named_parameters()), **dict(self.network.named_buffers())}
        return gradient_graph(self.network, weights, x, *given)(weights, x, *given)


def gradient_graph(network: nn.Module, weights: Mapping[str, Tensor], *inputs: Tensor | None) -> GraphModule:
    """The gradient by the first input as a function of (weights, *inputs), for any batch; inputs and weights give shapes only."""

    def gradient(weights: dict[str, Tensor], x: Tensor, *given: Tensor | None) -> Tensor:
        return input_gradient(lambda *inputs: functional_call(network, weights, inputs), x, *given)[1]

    with tracing(None), _disable_current_modes():
        stand_ins = {name: torch.zeros(weight.shape, dtype=weight.dtype) for name, weight in weights.items()}
        examples = [None if given is None else torch.zeros(BATCH, *given.shape[1:], dtype=given.dtype) for given in inputs]
        traced = make_fx(gradient, decomposition_table=_plainer(), tracing_mode="symbolic")(stand_ins, *examples)
    traced.graph.eliminate_dead_code()
    traced.recompile()
    return traced


def _plainer() -> dict[Any, Callable[..., Any]]:
    """Every backward operation in terms of forward ones."""
    known = {operation: rule for operation, rule in core_aten_decompositions().items() if "backward" in str(operation)}
    return {**known, aten.convolution_backward.default: _convolution_backward}


def _convolution_backward(
    grad: Tensor, x: Tensor, weight: Tensor, bias_sizes: Any, stride: list[int], padding: list[int], dilation: list[int],
    transposed: bool, output_padding: list[int], groups: int, output_mask: Any,
) -> tuple[Tensor, None, None]:  # fmt: skip
    """The gradient by the input alone: a convolution the other way round."""
    axes = range(len(stride))
    if transposed:
        return aten.convolution(grad, weight, None, stride, padding, dilation, False, [0], groups), None, None
    reach = [
        x.shape[k + 2] - ((grad.shape[k + 2] - 1) * stride[k] - 2 * padding[k] + dilation[k] * (weight.shape[k + 2] - 1) + 1)
        for k in axes
    ]
    return aten.convolution(grad, weight, None, stride, padding, dilation, True, reach, groups), None, None
