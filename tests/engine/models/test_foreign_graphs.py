"""Graphs that were exported elsewhere: what is made ready, and what is refused."""

import os

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from studio.engine.models.foreign_graphs import prepare, prepared
from studio.engine.models.refusal import Refused

WEIGHTS = np.random.default_rng(0).standard_normal((32, 32)).astype(np.float32)
X = np.linspace(-1, 1, 96, dtype=np.float32).reshape(3, 32)


def model(*nodes, opset=14, functions=(), domains=()):
    """x (n, 32) -> y, with the weights w (32, 32)."""
    graph = helper.make_graph(
        [helper.make_node(*node[:3], **(node[3] if len(node) > 3 else {})) for node in nodes],
        "toy",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 32])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(WEIGHTS, "w")],
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(domain, 1) for domain in domains)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=8, functions=functions)


MEANS = (("MatMul", ["x", "w"], ["a"]), ("ReduceMean", ["a"], ["y"], {"axes": [1]}))


@pytest.fixture
def ready(tmp_path):
    """What becomes of a model."""

    def get(made, **kept):
        source, target = tmp_path / "model.onnx", tmp_path / "ready" / "model.onnx"
        onnx.save(made, source, **kept)
        target.parent.mkdir()
        prepare(source, target)
        return target

    return get


def run(file, x=X):
    return onnxruntime.InferenceSession(str(file)).run(["y"], {"x": x})[0]


def test_that_a_graph_of_an_older_opset_gives_the_same(ready):
    file = ready(model(*MEANS))
    assert onnx.load(file).opset_import[0].version == 18
    assert np.abs(run(file) - (X @ WEIGHTS).mean(1, keepdims=True)).max() < 1e-6


def test_that_weights_in_a_file_beside_it_are_found(ready, tmp_path):
    apart = {"save_as_external_data": True, "all_tensors_to_one_file": True, "location": "model.onnx_data"}
    file = ready(model(*MEANS), size_threshold=0, **apart)
    assert sorted(other.name for other in file.parent.iterdir()) == ["model.onnx", "weights.bin"]
    (tmp_path / "model.onnx_data").unlink()
    assert np.abs(run(file) - (X @ WEIGHTS).mean(1, keepdims=True)).max() < 1e-6


def test_that_functions_of_a_model_are_put_in_their_places(ready):
    body = [helper.make_node("Mul", ["v", "v"], ["s"])]
    square = helper.make_function("local", "Square", ["v"], ["s"], body, [helper.make_opsetid("", 14)])
    file = ready(model(("Square", ["x"], ["y"], {"domain": "local"}), functions=[square], domains=["local"]))
    assert not onnx.load(file).functions
    assert np.allclose(run(file), X**2)


def test_that_a_sample_becomes_a_mean(ready):
    file = ready(model(("RandomNormalLike", ["x"], ["r"]), ("Add", ["x", "r"], ["y"])))
    assert np.array_equal(run(file), X)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (model(("RandomNormal", [], ["y"], {"shape": [3, 32]})), "chance.*RandomNormal"),
        (model(*MEANS[:1], ("Identity", ["a"], ["y"]), opset=21), "opset 21; up to 18"),
        (model(("Attention", ["x"], ["y"], {"domain": "com.microsoft"}), domains=["com.microsoft"]), "not built in"),
        (model(("NoSuchOperator", ["x"], ["y"])), "opening-fails"),
    ],
)
def test_that_what_cannot_be_a_part_is_refused(ready, made, reason):
    with pytest.raises(Refused, match=reason):
        ready(made)


@pytest.mark.parametrize("name", ["../outside", "missing"])
def test_that_weights_elsewhere_are_refused(ready, tmp_path, name):
    (tmp_path.parent / "outside").write_bytes(WEIGHTS.tobytes())
    made = model(*MEANS)
    onnx.external_data_helper.set_external_data(made.graph.initializer[0], name)
    made.graph.initializer[0].ClearField("raw_data")
    with pytest.raises(Refused, match=r"external-data.*which is not beside it"):
        ready(made)


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_that_a_link_is_not_read_as_weights(ready, tmp_path, link):
    (tmp_path / "secret").write_bytes(WEIGHTS.tobytes())
    link(tmp_path / "secret", tmp_path / "model.onnx_data")
    made = model(*MEANS)
    onnx.external_data_helper.set_external_data(made.graph.initializer[0], "model.onnx_data")
    made.graph.initializer[0].ClearField("raw_data")
    with pytest.raises(Refused, match="link"):
        ready(made)


def test_that_a_place_beyond_the_weights_is_refused(ready, tmp_path):
    (tmp_path / "model.onnx_data").write_bytes(bytes(100))
    made = model(*MEANS)
    onnx.external_data_helper.set_external_data(made.graph.initializer[0], "model.onnx_data")
    made.graph.initializer[0].ClearField("raw_data")
    with pytest.raises(Refused, match="external-range"):
        ready(made)


def test_that_a_file_that_is_no_graph_is_refused(ready, tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"\xff" * 99)
    with pytest.raises(Refused, match="no ONNX model"):
        prepare(tmp_path / "model.onnx", tmp_path / "other.onnx")


def test_that_a_folder_is_copied_for_as_long_as_it_is_needed(tmp_path):
    folder, place = tmp_path / "there", tmp_path / "here"
    (folder / "unet").mkdir(parents=True)
    place.mkdir()
    (folder / "model_index.json").write_text("{}")
    (folder / "run.py").write_text("")
    onnx.save(model(*MEANS), folder / "unet" / "model.onnx")
    with prepared(folder, place) as copy:
        names = sorted(str(file.relative_to(copy)) for file in copy.rglob("*.*"))
        assert names == ["model_index.json", "unet/model.onnx", "unet/weights.bin"]
    assert not list(place.iterdir())
