"""Features of pictures and sounds from small networks of our own, one for each shipped data set; never called FID or FAD."""

import hashlib
import json
from functools import lru_cache
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.api import StudioError
from studio.home import resources

BATCH = 128
REMEMBERED = 8
NETWORKS: dict[tuple[int, ...], str] = {(1, 8, 8): "digits", (1, 28, 28): "mnist", (3, 32, 32): "emoji"}
"""Shape of a picture -> the network that measures it; all others are measured by the emoji network at 32x32."""
SPOKEN = "spoken_digits"
SPOKEN_LENGTH = 4096


def embed(samples: NDArray[Any]) -> NDArray[np.float64]:
    """Pictures (N, C, H, W) or sounds (N, 1, T) in [-1, 1] -> features (N, 64); vectors (N, D) stay as they are.

    Features of the training samples have mean 0 and a mean variance of 1. Recently measured samples are remembered.
    """
    if samples.ndim not in (3, 4):
        return np.asarray(samples, np.float64).reshape(len(samples), -1)
    pictures = np.ascontiguousarray(np.nan_to_num(np.clip(samples, -1, 1)), np.float32)
    key = hashlib.blake2b(pictures.data, digest_size=16).digest() + str(pictures.shape).encode()
    if key not in _known:
        while len(_known) >= REMEMBERED:
            _known.pop(next(iter(_known)))
        _known[key] = _measure(pictures)
    return _known[key]


_known: dict[bytes, NDArray[np.float64]] = {}


def network_name(shape: tuple[int, ...]) -> str:
    """What the Fréchet distance of pictures of this shape is called, such as "FD-digits-v1"."""
    return f"FD-{_network(NETWORKS.get(shape, 'emoji'))[0]}"


def spoken_digit(sounds: NDArray[Any]) -> NDArray[np.int64]:
    """The digit that the network hears in each of sounds (N, 1, T) at 8,000 Hz: (N,)."""
    return _heard(np.asarray(sounds, np.float32), "classes").argmax(1)


def _heard(sounds: NDArray[np.float32], output: str) -> NDArray[Any]:
    """Sounds cut or filled with silence to the length that the network knows."""
    _, session = _network(SPOKEN)
    fitting = np.pad(sounds, ((0, 0), (0, 0), (0, max(0, SPOKEN_LENGTH - sounds.shape[2]))))[:, :, :SPOKEN_LENGTH]
    pieces = [session.run([output], {"images": fitting[k : k + BATCH]})[0] for k in range(0, len(fitting), BATCH)]
    return np.concatenate(pieces)


def _measure(pictures: NDArray[np.float32]) -> NDArray[np.float64]:
    if pictures.ndim == 3:
        return _heard(pictures, "features").astype(np.float64)
    name = NETWORKS.get(pictures.shape[1:])
    _, session = _network(name or "emoji")
    fitting = pictures if name else _as_emoji(pictures)
    pieces = [session.run(None, {"images": fitting[k : k + BATCH]})[0] for k in range(0, len(fitting), BATCH)]
    return np.concatenate(pieces).astype(np.float64)


@lru_cache
def _network(name: str) -> tuple[str, Any]:
    """The network's name with its version, and its onnxruntime session."""
    onnxruntime: Any = import_module("onnxruntime")

    file = resources() / "features" / f"{name}.onnx"
    try:
        card, data = json.loads(file.with_suffix(".json").read_text("utf-8")), file.read_bytes()
    except OSError as error:
        raise StudioError(f"The feature network '{name}' is missing ({error}). Install Generative Studio again.") from None
    if hashlib.sha256(data).hexdigest() != card["sha256"]:
        raise StudioError(f"The feature network {file} is not the one that was shipped. Install Generative Studio again.")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return card["name"], onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def _as_emoji(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Any pictures as RGB of 32x32: nearest pixels of the average over blocks, grey repeated, alpha left out."""
    n, channels, height, width = pictures.shape
    colour = pictures[:, :3] if channels > 2 else np.repeat(pictures[:, :1], 3, 1)
    block = max(1, min(height, width) // 32)
    rows, columns = height // block, width // block
    means = colour[:, :, : rows * block, : columns * block].reshape(n, 3, rows, block, columns, block).mean((3, 5))
    return np.ascontiguousarray(means[:, :, np.arange(32) * rows // 32][..., np.arange(32) * columns // 32])
