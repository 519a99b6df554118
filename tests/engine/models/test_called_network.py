"""Networks that are traced once, or that there are as graphs only, and called by several samplers."""

import warnings
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from torch import Tensor, nn

from studio.api import StudioError
from studio.engine.models.export import export
from studio.engine.models.foreign_graphs import prepare
from studio.engine.models.model import Model
from studio.kit.called_network import TracedOnce
from studio.kit.foreign_graph import ForeignGraph
from studio.kit.sampler import sample
from tests.engine.models.toys import Latent, about

SHAPES = {"mean": (16,), "spread": (16,)}


class Branches(nn.Module):
    """Two outputs, one of which is not a function of both inputs; the second input is the same for all samples."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second = nn.Linear(16, 64), nn.Linear(64, 16)

    def forward(self, x: Tensor, time: Tensor) -> tuple[Tensor, Tensor]:
        inner = self.first(x).relu()
        return self.second(inner) * time[:, None], inner[:, :16].square()


class Calling(Latent):
    """Its decoder calls a network twice."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def decode(self, z: Tensor, label: Tensor) -> Tensor:
        half = torch.tensor([0.5])
        mean, spread = self.network(torch.cat([z, self.table(label)], dim=1), half)
        again, _ = self.network(mean, half)
        return (again + spread).tanh().reshape(-1, 1, 4, 4)


def traced() -> TracedOnce:
    kinds = {"x": torch.float32, "time": torch.float32}
    return TracedOnce("branches", Branches(), kinds, SHAPES)


def foreign(folder: Path, kind: int = TensorProto.FLOAT) -> ForeignGraph:
    """The same network as a graph with numbers of some type."""
    (folder / "branches").mkdir(parents=True)
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Branches(), (torch.zeros(2, 16), torch.ones(1)), str(folder / "model.onnx"), dynamo=False, opset_version=13,
            input_names=["x", "time"], output_names=["mean", "spread"], dynamic_axes={"x": {0: "n"}, "mean": {0: "n"}},
        )  # fmt: skip
    if kind != TensorProto.FLOAT:
        narrow(folder / "model.onnx", kind)
    prepare(folder / "model.onnx", folder / "branches" / "model.onnx")
    return ForeignGraph(folder / "branches" / "model.onnx", ["x", "time"], SHAPES)


def narrow(file: Path, kind: int) -> None:
    """Its inputs and outputs get another type."""
    model = onnx.load(file)
    for value in model.graph.input:
        model.graph.node.insert(0, helper.make_node("Cast", [value.name], [f"{value.name}.wide"], to=TensorProto.FLOAT))
        value.type.tensor_type.elem_type = kind
    names = {value.name for value in model.graph.input}
    for node in model.graph.node[2:]:
        node.input[:] = [f"{name}.wide" if name in names else name for name in node.input]
    for value in model.graph.output:
        for node in model.graph.node:
            node.output[:] = [f"{name}.wide" if name == value.name else name for name in node.output]
        model.graph.node.append(helper.make_node("Cast", [f"{value.name}.wide"], [value.name], to=kind))
        value.type.tensor_type.elem_type = kind
    onnx.save(model, file)


@pytest.fixture(params=["traced", "foreign", "half"])
def network(request, tmp_path):
    if request.param == "traced":
        return traced()
    return foreign(tmp_path / "there", TensorProto.FLOAT if request.param == "foreign" else TensorProto.FLOAT16)


def test_that_a_called_network_makes_the_same_samples_in_graphs(network, tmp_path):
    generator = Calling(network).eval()
    card = export(generator, about(generator), tmp_path / "model")
    assert set(card.parity) >= {"sample", "reconstruct", "score-bound"}
    model = Model.open(tmp_path / "model", "cpu")
    expected = sample(generator.samplers()["sample"], 5, 3, {"label": torch.tensor([0, 1, 2, 0, 1])}, {})
    made = model.sample("sample", 5, seed=3, inputs={"label": [0, 1, 2, 0, 1]})
    assert np.abs(made - expected.numpy()).max() < 1e-4
    assert expected.std() > 0.1
    assert (tmp_path / "model" / "weights.bin").stat().st_size == 2 * 16 * 64 * 4
    assert not [node for file in (tmp_path / "model").glob("*.onnx") for node in onnx.load(file).graph.node if node.domain]
    model.close()


def test_that_it_is_traced_once_however_often_it_is_called(tmp_path, monkeypatch):
    calls = list[str]()
    trace = TracedOnce.trace
    monkeypatch.setattr(TracedOnce, "trace", lambda self, opset: (calls.append(self.name), trace(self, opset))[1])
    generator = Calling(traced()).eval()
    export(generator, about(generator), tmp_path / "model")
    assert calls == ["branches"]


def test_that_a_graph_with_other_names_is_refused_with_those_it_has(tmp_path):
    path = foreign(tmp_path).path
    with pytest.raises(StudioError, match=r"'branches' has the inputs x, time, and must have x, when, as Optimum"):
        ForeignGraph(path, ["x", "when"], SHAPES)
    with pytest.raises(StudioError, match="has the outputs mean, spread, and must have variance"):
        ForeignGraph(path, ["x", "time"], {"variance": (16,)})


def test_that_a_graph_that_gives_another_shape_is_refused(tmp_path):
    graph = ForeignGraph(foreign(tmp_path).path, ["x", "time"], {"mean": (4, 4)})
    with pytest.raises(StudioError, match=r"'mean' of the graph 'branches' should have the shape \(2, 4, 4\), and has \(2, 16\)"):
        graph(torch.zeros(2, 16), torch.ones(1))
