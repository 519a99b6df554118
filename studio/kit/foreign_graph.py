"""Networks that are ONNX files only: onnxruntime runs them in torch, and the exporter puts them into a model's graphs."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from studio.api.errors import StudioError

from .called_network import CalledNetwork

TYPES = {
    "tensor(float)": torch.float32, "tensor(float16)": torch.float16, "tensor(double)": torch.float64,
    "tensor(int64)": torch.int64, "tensor(int32)": torch.int32,
}  # fmt: skip


class ForeignGraph(CalledNetwork):
    """A network in a file that the engine has looked at; it has no weights of its own in torch.

    Args:
        path: "model.onnx" in a folder whose name no other network of the same model has.
        inputs: the names of what it is called with, in that order.
        outputs: what is wanted of it, with the shapes without the batch.

    Raises:
        StudioError: it does not have these inputs and outputs, or cannot be opened.
    """

    def __init__(self, path: Path, inputs: Sequence[str], outputs: Mapping[str, tuple[int, ...]]) -> None:
        name, session = path.parent.name, _open(path)
        taken = {value.name: value.type for value in session.get_inputs()}
        made = {value.name: value.type for value in session.get_outputs()}
        _check(name, "inputs", taken, inputs, set(taken) == set(inputs))
        _check(name, "outputs", made, outputs, set(outputs) <= set(made))
        super().__init__(
            name,
            {key: _type(name, key, taken[key]) for key in inputs},
            {key: (_type(name, key, made[key]), shape) for key, shape in outputs.items()},
        )
        self.path = path
        self._session = session

    def run(self, given: list[Tensor]) -> Sequence[Tensor]:
        """As in the base.

        Raises:
            StudioError: the shape of an output is another.
        """
        feeds = {name: tensor.numpy(force=True) for name, tensor in zip(self.inputs, given, strict=True)}
        found = [torch.from_numpy(array) for array in self._session.run(list(self.outputs), feeds)]
        for output, (name, (_, shape)) in zip(found, self.outputs.items(), strict=True):
            expected, seen = (len(given[0]), *shape), tuple(output.shape)
            if seen != expected:
                raise StudioError(f"'{name}' of the graph '{self.name}' should have the shape {expected}, and has {seen}.")
        return found


def output_names(path: Path) -> list[str]:
    """What a graph gives, without opening it."""
    import onnx

    return [value.name for value in onnx.load(str(path), load_external_data=False).graph.output]


def _check(name: str, kind: str, there: Iterable[str], wanted: Iterable[str], fits: bool) -> None:
    if not fits:
        raise StudioError(
            f"The graph '{name}' has the {kind} {', '.join(there)}, and must have {', '.join(wanted)}, as Optimum names them."
        )


def _type(graph: str, name: str, kind: str) -> torch.dtype:
    if kind not in TYPES:
        raise StudioError(f"'{name}' of the graph '{graph}' is a {kind}, which is not known here.")
    return TYPES[kind]


def _open(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads, options.log_severity_level = torch.get_num_threads(), 1, 4
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except (RuntimeError, ValueError) as error:
        raise StudioError(f"The graph '{path.parent.name}' cannot be opened: {str(error).splitlines()[0][:200]}") from error
