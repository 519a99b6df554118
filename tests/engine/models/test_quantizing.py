"""Text models in 8 bits: the same model but for a loss that is told."""

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession

from studio.api import StudioError
from studio.cli.command import Answer
from studio.cli.export import in_eight_bits
from studio.engine.datasets.text_file import text_dataset
from studio.engine.models.model import Model
from studio.engine.models.quantizing import held_out_loss, quantize, quantized
from studio.engine.models.weights import size_of
from studio.home import resources

STARTER = resources() / "models" / "gpt-austen"


@pytest.fixture(scope="module")
def austen():
    from studio.engine.datasets.austen import load

    return load()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    folder = tmp_path_factory.mktemp("quantized") / "model"
    return folder, in_eight_bits(STARTER, folder)


@pytest.fixture(scope="module")
def small(made: tuple[Path, Answer]) -> Path:
    return made[0]


def test_that_the_command_line_tells_what_is_lost_and_won(made: tuple[Path, Answer]) -> None:
    folder, answer = made
    numbers = Model.open(folder, "cpu").card.numbers
    assert f"{numbers['loss_float32']:.4f} nats a symbol in float32, {numbers['loss_int8']:.4f} in 8 bits" in answer.text
    assert f"{size_of(folder) / 1e6:.1f} MB in 8 bits" in answer.text


def test_that_the_loss_before_and_after_is_measured_and_written_beside_the_model(small: Path, austen) -> None:
    numbers = Model.open(small, "cpu").card.numbers
    assert set(numbers) == {"loss_float32", "loss_int8"}
    assert numbers["loss_float32"] == pytest.approx(held_out_loss(STARTER, austen), abs=1e-5)
    assert 0 < abs(numbers["loss_int8"] - numbers["loss_float32"]) < 0.02


def test_that_it_is_a_good_deal_smaller_and_still_writes(small: Path) -> None:
    assert size_of(small) < 0.4 * size_of(STARTER)
    model = Model.open(small, "cpu")
    looped = model.sample(seed=1, inputs={"prompt": "Elizabeth"}, controls={"length": 8})
    assert model.texts(looped)[0].startswith("Elizabeth")
    assert np.array_equal(looped, model.run_whole(seed=1, inputs={"prompt": "Elizabeth"}, controls={"length": 8}))


def test_that_a_matrix_which_also_embeds_the_symbols_stays_as_it_is_there() -> None:
    rng = np.random.default_rng(0)
    weight = rng.standard_normal((12, 8)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["weight", "symbol"], ["embedded"]),
        helper.make_node("Gemm", ["embedded", "weight"], ["logits"], transB=1),
    ]
    taken = [helper.make_tensor_value_info("symbol", TensorProto.INT64, ["n"])]
    given = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 12])]
    graph = helper.make_graph(nodes, "tied", taken, given, [numpy_helper.from_array(weight, "weight")])
    small = quantized(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10))
    session = InferenceSession(small.SerializeToString(), providers=["CPUExecutionProvider"])
    (logits,) = session.run(None, {"symbol": np.arange(12)})
    assert np.abs(logits - weight @ weight.T).max() < 0.3


def test_that_what_has_no_likelihood_of_text_is_refused_in_words(austen, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="that is for text models"):
        quantize(resources() / "models" / "vae-mnist", tmp_path / "model", austen)
    with pytest.raises(StudioError, match="other symbols"):
        quantize(STARTER, tmp_path / "model", text_dataset(b"abc abc abd abe\n" * 100, "a"))
    assert not (tmp_path / "model").exists()
