"""What an exported folder holds, and what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
import torch
from torch import Tensor, nn

from studio.api import ModelCard, Stopped, StudioError
from studio.engine.models.export import export
from studio.kit.sampler import Given
from tests.engine.models.conftest import Exported
from tests.engine.models.toys import Decode, Latent, about


def test_that_every_graph_carries_the_card(exported: Callable[[str], Exported]) -> None:
    made = exported("latent")
    for file in made.folder.glob("*.onnx"):
        properties = {entry.key: entry.value for entry in onnx.load(file, load_external_data=False).metadata_props}
        assert ModelCard.model_validate_json(properties["studio"]) == made.card


def test_that_the_card_tells_carry_parity_and_speed(exported: Callable[[str], Exported]) -> None:
    card = exported("writer").card
    assert {port.name: (port.shape, port.dtype) for port in card.sampler("sample").carry} == {
        "tokens": ((12,), "int64"), "seen": ((12, 32), "float32"), "position": ((), "int64"),
    }  # fmt: skip
    assert set(card.parity) == {"sample", "sample.init", "sample.step", "sample.finish"}
    assert max(card.parity.values()) <= 1e-4
    assert set(card.speed) == {"sample", "sample x16"}


def test_that_a_look_that_differs_has_a_graph_and_one_that_does_not_has_none(exported: Callable[[str], Exported]) -> None:
    assert (exported("denoiser").folder / "sample.peek.onnx").exists()
    assert not (exported("writer").folder / "sample.peek.onnx").exists()


def test_that_weights_used_by_several_graphs_are_stored_once(exported: Callable[[str], Exported]) -> None:
    made = exported("latent")
    weights = sum(tensor.numel() * 4 for tensor in made.generator.state_dict().values() if tensor.numel() >= 256)
    assert (made.folder / "weights.bin").stat().st_size < weights + 64 * 4


def test_that_the_loops_weights_lie_in_its_body(exported: Callable[[str], Exported]) -> None:
    graph = onnx.load(exported("denoiser").folder / "sample.onnx", load_external_data=False).graph
    (loop,) = [node for node in graph.node if node.op_type == "Loop"]
    assert any(tensor.dims[:2] == [32, 1] for tensor in loop.attribute[0].g.initializer)


def test_that_a_single_step_has_no_loop_and_an_unused_input_is_left_out(exported: Callable[[str], Exported]) -> None:
    latent = onnx.load(exported("latent").folder / "sample.onnx", load_external_data=False).graph
    assert "Loop" not in {node.op_type for node in latent.node}
    fixed = onnx.load(exported("fixed").folder / "sample.onnx", load_external_data=False).graph
    assert [value.name for value in fixed.input] == ["noise"]


def test_that_no_path_of_this_machine_is_in_a_graph(exported: Callable[[str], Exported]) -> None:
    for file in exported("denoiser").folder.glob("*.onnx"):
        assert str(Path(__file__).parents[3]).encode() not in file.read_bytes()


class Drifting(Latent):
    """A generator that is not the same when it is traced."""

    def decode(self, z: Tensor, label: Tensor) -> Tensor:
        return super().decode(z, label) + (0.01 if torch.compiler.is_exporting() else 0.0)


def test_that_a_graph_that_differs_from_torch_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    generator = Drifting()
    with pytest.raises(StudioError, match=r"'(sample|reconstruct|score-bound).*differs from torch by 0.01"):
        export(generator, about(generator), tmp_path / "model")
    assert list(tmp_path.iterdir()) == []


class Rigid(Decode):
    def make(self, noise: Tensor, given: Given) -> Tensor:
        return super().make(noise, given) + float(noise.sum())


class Unwritable(Latent):
    def samplers(self) -> Any:
        return {"rigid": Rigid(self)}


def test_that_a_sampler_that_cannot_be_traced_is_named(tmp_path: Path) -> None:
    generator = Unwritable()
    with pytest.raises(StudioError, match="cannot be written as ONNX.*'rigid.init'"):
        export(generator, about(generator), tmp_path / "model")


def test_that_an_export_that_is_stopped_leaves_the_old_model(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "card.json").write_text(json.dumps("the old one"))

    def stop(done: int, total: int, graph: str) -> None:
        raise Stopped

    generator = Latent()
    with pytest.raises(Stopped):
        export(generator, about(generator), folder, progress=stop)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    assert (folder / "card.json").read_text() == '"the old one"'
    assert generator.training


def test_that_a_traced_generator_trains_on_as_before(tmp_path: Path) -> None:
    generator = Latent().train()
    before = {name: weight.clone() for name, weight in generator.state_dict().items()}
    export(generator, about(generator), tmp_path / "model")
    assert generator.training
    assert all(torch.equal(before[name], weight) for name, weight in generator.state_dict().items())
    assert all(isinstance(weight, nn.Parameter) for weight in generator.parameters())
