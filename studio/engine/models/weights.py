"""The weights that all graphs of a model share, in one file beside them."""

import hashlib
from pathlib import Path
from typing import BinaryIO

import numpy as np
from onnx import GraphProto, TensorProto, numpy_helper

from studio.engine.models.cutting import subgraphs
from studio.engine.models.names import WEIGHTS

SMALLEST = 1024
ALIGNMENT = 64


class SharedWeights:
    """Writes each distinct tensor of at least 1 KiB once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._places: dict[bytes, tuple[int, int]] = {}

    def take(self, graph: GraphProto) -> None:
        """Move the weights of a graph and of its subgraphs into the file, those that are not there yet."""
        for tensor in graph.initializer:
            self._move(tensor)
        for node in graph.node:
            for inner in subgraphs(node):
                self.take(inner)

    def _move(self, tensor: TensorProto) -> None:
        if tensor.data_location == TensorProto.EXTERNAL:
            return
        data = tensor.raw_data or numpy_helper.to_array(tensor).astype(_little(tensor)).tobytes()
        if len(data) < SMALLEST:
            return
        offset, length = self._place(data)
        name, kind, dims = tensor.name, tensor.data_type, list(tensor.dims)
        tensor.Clear()
        tensor.name, tensor.data_type = name, kind
        tensor.dims.extend(dims)
        tensor.data_location = TensorProto.EXTERNAL
        for key, value in (("location", WEIGHTS), ("offset", str(offset)), ("length", str(length))):
            tensor.external_data.add(key=key, value=value)

    def _place(self, data: bytes) -> tuple[int, int]:
        key = hashlib.sha256(data).digest()
        if key not in self._places:
            self._file.write(bytes(-self._file.tell() % ALIGNMENT))
            self._places[key] = self._file.tell(), len(data)
            self._file.write(data)
        return self._places[key]


def _little(tensor: TensorProto) -> np.dtype[np.generic]:
    return numpy_helper.to_array(tensor).dtype.newbyteorder("<")


def size_of(folder: Path) -> int:
    """Bytes of a model's folder."""
    return sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
