"""A text model with its matrices in 8 bits: smaller, and faster where memory is the limit, at a loss that is measured."""

import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import TypeGuard

import numpy as np
import onnx
from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, numpy_helper

from studio.api.dataset import Dataset
from studio.api.errors import StudioError
from studio.api.model import ModelCard
from studio.api.space import Space, Tokens
from studio.engine.models.bundle import Bundle
from studio.engine.models.card_file import read_card
from studio.engine.models.cutting import reads, subgraphs
from studio.engine.models.measuring import untold
from studio.engine.models.model import Model

SCORE = "log_prob"
WINDOWS, AT_ONCE = 256, 32


def quantize(source: Path, target: Path, dataset: Dataset) -> ModelCard:
    """Write the model in `source` into `target` with its matrices in 8 bits; what they are multiplied with is rounded on the way.

    The card's `numbers` hold the mean loss on held-out text before and after, in nats per symbol, both by onnxruntime.

    Raises:
        StudioError: it is no text model, has no likelihood to measure the loss by, or the text is in other symbols.
    """
    card = read_card(source)
    _check(card, dataset)
    graphs = {file.stem: quantized(onnx.load(file)) for file in sorted(source.glob("*.onnx"))}
    about = card.model_copy(update={"id": f"{card.id}-int8", "title": f"{card.title}, 8 bits"})
    with TemporaryDirectory() as place:
        _write(Path(place) / "model", graphs, about)
        after = held_out_loss(Path(place) / "model", dataset)
    numbers = {"loss_float32": held_out_loss(source, dataset), "loss_int8": after}
    return _write(target, graphs, about.model_copy(update={"numbers": numbers}))


def held_out_loss(folder: Path, dataset: Dataset) -> float:
    """Mean nats per symbol in at most 256 windows, evenly spread over held-out text, given the first symbol of each.

    A window has the length of the data's, or of the model's where that is less.
    """
    stream, longest = dataset.validation, dataset.signature.space.shape[0]
    port = next(score.inputs[0] for score in read_card(folder).scores if score.name == SCORE)
    length = min(longest, port.longest or longest)
    starts = np.unique(np.linspace(0, len(stream) - length, WINDOWS, dtype=np.int64))
    windows = stream[starts[:, None] + np.arange(length)]
    model = Model.open(folder, "cpu")
    try:
        parts = [model.score(SCORE, windows[first : first + AT_ONCE]) for first in range(0, len(windows), AT_ONCE)]
    finally:
        model.close()
    return -float(np.concatenate(parts).mean()) / (length - 1)


def _check(card: ModelCard, dataset: Dataset) -> None:
    mine, theirs = card.signature.space, dataset.signature.space
    if not _is_text(mine) or SCORE not in [score.name for score in card.scores]:
        raise StudioError(f"{card.title} cannot be had in 8 bits: that is for text models, whose likelihood tells what is lost.")
    if not _is_text(theirs) or mine.vocabulary != theirs.vocabulary:
        raise StudioError(f"{card.title} writes in other symbols than this text is read in, so its loss cannot be measured.")


def _is_text(space: Space) -> TypeGuard[Tokens]:
    return isinstance(space, Tokens)


def _write(folder: Path, graphs: dict[str, ModelProto], card: ModelCard) -> ModelCard:
    with Bundle(folder) as bundle:
        for name, model in graphs.items():
            graph = GraphProto()
            graph.CopyFrom(model.graph)
            bundle.add(name, graph)
        return bundle.finish(card, (), untold)


def quantized(model: ModelProto) -> ModelProto:
    """A graph with the matrices it multiplies by in 8 bits, one scale a column; what else it reads of them stays as it is."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    _turn_weights(model.graph)
    with TemporaryDirectory() as place, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = Path(place) / "model.onnx"
        options = {"EnableSubgraph": True, "MatMulConstBOnly": True}
        logging.disable(logging.WARNING)
        try:
            quantize_dynamic(model, file, weight_type=QuantType.QInt8, per_channel=True, extra_options=options)
        finally:
            logging.disable(logging.NOTSET)
        return onnx.load(file)


def _turn_weights(graph: GraphProto, around: Mapping[str, TensorProto] = MappingProxyType({})) -> None:
    """Transpose weights here that a graph would transpose itself, since only constants are put in 8 bits.

    Each use gets its own: a matrix that also embeds the symbols must stay as it is there.
    """
    weights = {**around, **{tensor.name: tensor for tensor in graph.initializer}}
    for node in list(graph.node):
        for inner in subgraphs(node):
            _turn_weights(inner, weights)
        if node.op_type == "Transpose" and node.input[0] in weights:
            order = next(list(attribute.ints) for attribute in node.attribute if attribute.name == "perm")
            graph.initializer.append(_turned(weights[node.input[0]], node.output[0], order))
            graph.node.remove(node)
        elif (flag := _turns(node)) and node.input[1] in weights:
            graph.initializer.append(_turned(weights[node.input[1]], f"{node.output[0]}/turned", (1, 0)))
            node.input[1], flag.i = graph.initializer[-1].name, 0
    used = {value for node in graph.node for value in reads(node)} | {value.name for value in graph.output}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)


def _turns(node: NodeProto) -> AttributeProto | None:
    """The attribute by which a `Gemm` transposes its matrix, where it does."""
    flags = (flag for flag in node.attribute if flag.name == "transB" and flag.i)
    return next(flags, None) if node.op_type == "Gemm" else None


def _turned(tensor: TensorProto, name: str, order: Sequence[int]) -> TensorProto:
    return numpy_helper.from_array(np.ascontiguousarray(numpy_helper.to_array(tensor).transpose(order)), name)
