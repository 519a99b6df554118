"""Graphs that were exported elsewhere, made ready to become parts of a model: guarded, without chance, of our opset."""

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from google.protobuf.message import DecodeError
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, version_converter
from onnx.inliner import inline_local_functions

from studio.engine.models.bundle import IR_VERSION, OPSET
from studio.engine.models.cutting import subgraphs
from studio.engine.models.importing import LARGEST, LARGEST_GRAPH, SECONDS, try_opening
from studio.engine.models.inspecting import LARGEST_CARD, OPSETS, check_regular, inspect, read_regular
from studio.engine.models.names import WEIGHTS
from studio.engine.models.refusal import Refused
from studio.engine.models.weights import SharedWeights

GRAPH = "model.onnx"
TEXTS = (".json", ".txt")
PACE = 50e6
"""Bytes a second that even a slow disk gives."""
CHANCE = ("RandomNormal", "RandomUniform", "RandomUniformLike", "Bernoulli", "Multinomial")


@contextmanager
def prepared(folder: Path, place: Path) -> Generator[Path]:
    """A copy of such a folder in `place` for as long as it is needed, with its texts, and its graphs as the studio's rules ask.

    Raises:
        Refused: a rule is broken, or onnxruntime crashed, hung or refused when it opened a graph.
    """
    with TemporaryDirectory(prefix=".graphs-", dir=place) as draft:
        for file in (*folder.iterdir(), *folder.glob("*/*")):
            target = Path(draft) / file.relative_to(folder)
            if file.suffix in TEXTS and not file.is_dir():
                target.parent.mkdir(exist_ok=True)
                target.write_bytes(read_regular(file, LARGEST_CARD))
            elif file.name == GRAPH:
                target.parent.mkdir(exist_ok=True)
                prepare(file, target)
        yield Path(draft)


def prepare(source: Path, target: Path) -> None:
    """Write a graph to `target` and its weights beside it, then bring it to our opset.

    Raises:
        Refused: as in `prepared`, or it draws random numbers of its own, or is of a newer opset.
    """
    model = _parse(source)
    _bring_weights(model, source, target.with_name(WEIGHTS))
    target.write_bytes(model.SerializeToString())
    summary = inspect(target, trusted=True)
    if summary.opset > OPSET:
        raise Refused("opset", source, f"it is of opset {summary.opset}; up to {OPSET} can be used here. Export it with that")
    try_opening(target, SECONDS + target.with_name(WEIGHTS).stat().st_size / PACE)
    target.write_bytes(_converted(model, source).SerializeToString())
    inspect(target, trusted=True)


def _parse(file: Path) -> ModelProto:
    try:
        return ModelProto.FromString(read_regular(file, LARGEST_GRAPH))
    except (DecodeError, RecursionError):
        raise Refused("format", file, "it is no ONNX model, or nested too deeply") from None


def _bring_weights(model: ModelProto, source: Path, target: Path) -> None:
    """Weights in the graph are moved out; those in one file beside it stay in that, under our name."""
    outside = [tensor for tensor in model.graph.initializer if tensor.data_location == TensorProto.EXTERNAL]
    if not outside:
        with target.open("wb") as file:
            SharedWeights(file).take(model.graph)
        return
    (beside,) = _one_file(source, outside)
    _link(beside, target)
    for tensor in outside:
        next(entry for entry in tensor.external_data if entry.key == "location").value = WEIGHTS


def _one_file(source: Path, tensors: list[TensorProto]) -> list[Path]:
    named = {entry.value for tensor in tensors for entry in tensor.external_data if entry.key == "location"}
    wrong = [name for name in named if Path(name).name != name or not (source.parent / name).is_file()]
    if wrong or len(named) != 1:
        told = f"'{wrong[0][:80]}', which is not beside it" if wrong else f"{len(named)} files; one can be used here"
        raise Refused("external-data", source, f"its weights lie in {told}")
    return [source.parent / name for name in named]


def _link(source: Path, target: Path) -> None:
    """A second name for a file, or a copy where that cannot be."""
    check_regular(source, LARGEST)
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _converted(model: ModelProto, source: Path) -> ModelProto:
    if model.functions:
        model = inline_local_functions(model)
        used = [entry for entry in model.opset_import if entry.domain in OPSETS]
        del model.opset_import[:]
        model.opset_import.extend(used)
    if next((entry.version for entry in model.opset_import if entry.domain in ("", "ai.onnx")), 0) < OPSET:
        model = version_converter.convert_version(model, OPSET)
    for graph in _graphs(model.graph):
        nodes = [_certain(node, source) for node in graph.node]
        del graph.node[:]
        graph.node.extend(nodes)
    model.ir_version = IR_VERSION
    return model


def _certain(node: NodeProto, source: Path) -> NodeProto:
    """Noise like some tensor becomes zeros like it, so that a sample of a distribution is its mean."""
    if node.op_type in CHANCE:
        raise Refused("chance", source, f"it draws random numbers ({node.op_type}), which the studio's samplers do themselves")
    if node.op_type != "RandomNormalLike":
        return node
    return helper.make_node("Sub", [node.input[0]] * 2, list(node.output), name=node.name)


def _graphs(graph: GraphProto) -> Iterator[GraphProto]:
    yield graph
    for node in graph.node:
        for inner in subgraphs(node):
            yield from _graphs(inner)
