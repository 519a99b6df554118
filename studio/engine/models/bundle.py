"""A model's folder while it is made: it appears whole and checked, or not at all."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Self

from onnx import GraphProto, ModelProto, helper

from studio.api.model import ModelCard
from studio.engine.models.measuring import BATCHES, Measured, Told, measure_parity, measure_speed
from studio.engine.models.names import CARD, METADATA, WEIGHTS, file_of
from studio.engine.models.weights import SharedWeights
from studio.engine.runs.atomic import disk_errors, sync_folder

OPSET = 18
IR_VERSION = 10


class Bundle:
    """Graphs with shared weights on their way to `folder`.

    Example:
        with Bundle(folder) as bundle:
            bundle.add("sample", graph)
            card = bundle.finish(card, checks, progress)
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._graphs = dict[str, ModelProto]()

    def __enter__(self) -> Self:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        self._draft = Path(mkdtemp(prefix=f".{self.folder.name}-", dir=self.folder.parent))
        self._file = (self._draft / WEIGHTS).open("wb")
        self._weights = SharedWeights(self._file)
        return self

    def share(self, graph: GraphProto) -> None:
        """Move the weights of a graph that is not cut yet to the shared file, so that its pieces do not each hold a copy."""
        self._weights.take(graph)

    def add(self, name: str, graph: GraphProto) -> None:
        """Put a graph in; its weights go to the shared file."""
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, producer_name="Generative Studio", opset_imports=opset, ir_version=IR_VERSION)
        self._weights.take(model.graph)
        self._graphs[name] = model

    def finish(self, card: ModelCard, checks: Iterable[Measured], progress: Told, large: bool = False) -> ModelCard:
        """Write everything, check it against torch, measure its speed, and let it appear.

        Args:
            large: whether only one graph may be open at a time, and one sample be made at once.

        Raises:
            StudioError: a graph differs from torch; DiskError: the disk is full.
        """
        self._file.close()
        with disk_errors(self.folder, sum(model.ByteSize() for model in self._graphs.values())):
            self._write(card)
            parity = measure_parity(self._draft, checks, len(self._graphs), progress, 1 if large else len(self._graphs))
            card = card.model_copy(update={"parity": parity})
            card = card.model_copy(update={"speed": measure_speed(self._draft, card, BATCHES[:1] if large else BATCHES)})
            self._write(card)
            self._appear()
        return card

    def _write(self, card: ModelCard) -> None:
        text = card.model_dump_json()
        (self._draft / CARD).write_text(text, "utf-8")
        for name, model in self._graphs.items():
            helper.set_model_props(model, {METADATA: text})
            file_of(self._draft, name).write_bytes(model.SerializeToString(deterministic=True))

    def _appear(self) -> None:
        self._draft.chmod(0o755)
        sync_folder(self._draft)
        aside = self._draft.with_name(f"{self._draft.name}-old")
        if self.folder.exists():
            self.folder.rename(aside)
        self._draft.rename(self.folder)
        sync_folder(self.folder.parent)
        shutil.rmtree(aside, ignore_errors=True)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()
        shutil.rmtree(self._draft, ignore_errors=True)
