"""Networks that several samplers share: a call in what is traced, and one graph that the exporter puts in each place."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.export import Dim

DOMAIN, CALL, NAME = "studio.called", "Call", "graph"
"""The node that stands for such a network in what is traced, and its attribute that names the network."""
MOST = 2**16


class CalledNetwork(nn.Module):
    """Base of networks that are called by name.

    Attributes:
        name: no other network of the same model has it.
        inputs: the types of what it is called with, in that order; the first has the batch as first axis.
        outputs: the types of what it gives, and the shapes without the batch.
    """

    def __init__(
        self, name: str, inputs: Mapping[str, torch.dtype], outputs: Mapping[str, tuple[torch.dtype, tuple[int, ...]]]
    ) -> None:
        super().__init__()
        self.name, self.inputs, self.outputs = name, dict(inputs), dict(outputs)

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        """The outputs, float32 (n, *shape) each; n is that of the first tensor."""
        given = [tensor.to(kind) for tensor, kind in zip(tensors, self.inputs.values(), strict=True)]
        found = self._symbols(given) if torch.compiler.is_exporting() else self.run(given)
        return tuple(output.float() for output in found)

    def run(self, given: list[Tensor]) -> Sequence[Tensor]:
        """What it gives."""
        raise NotImplementedError

    def _symbols(self, given: list[Tensor]) -> Sequence[Tensor]:
        n = given[0].shape[0]
        kinds, shapes = zip(*self.outputs.values(), strict=True)
        return torch.onnx.ops.symbolic_multi_out(
            f"{DOMAIN}::{CALL}", given, {NAME: self.name, "inputs": list(self.inputs), "outputs": list(self.outputs)}, version=1,
            dtypes=kinds, shapes=[(n, *shape) for shape in shapes],
        )  # fmt: skip


class TracedOnce(CalledNetwork):
    """A network of torch that is traced by itself, however many samplers call it.

    Args:
        network: called with one tensor for each of `inputs`, which have the batch as first axis, or 1; gives a tuple.
        outputs: shapes without the batch; float32 each.
    """

    def __init__(
        self, name: str, network: nn.Module, inputs: Mapping[str, torch.dtype], outputs: Mapping[str, tuple[int, ...]]
    ) -> None:
        super().__init__(name, inputs, {key: (torch.float32, shape) for key, shape in outputs.items()})
        self.network = network
        self._seen = list[Tensor]()

    def run(self, given: list[Tensor]) -> Sequence[Tensor]:
        """As in the base; what went in is remembered as an example to trace with."""
        if len(given[0]) > 1:
            self._seen = given
        return self.network(*given)

    def trace(self, opset: int) -> Any:
        """Its graph, an `onnx.GraphProto`, for a batch of any size; it must have run with more than one sample."""
        batch = Dim(f"{self.name}_batch", min=1, max=MOST)
        with torch.no_grad():
            program = torch.onnx.export(
                _Positional(self.network), tuple(self._seen), dynamo=True, opset_version=opset, verbose=False,
                input_names=list(self.inputs), output_names=list(self.outputs),
                dynamic_shapes=(tuple({0: batch} if len(tensor) > 1 else {} for tensor in self._seen),),
            )  # fmt: skip
        return cast("Any", program).model_proto.graph


class _Positional(nn.Module):
    """What names its arguments and may take more of them, with those that are given in their order."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, *tensors: Tensor) -> Any:
        return self.network(*tensors)
