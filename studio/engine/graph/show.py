"""What flows along links: how it looks, what it weighs, and which kind it is."""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.api.sampler import PortKind
from studio.api.values import Conditioning, LabelValue, Latents, ModelValue, Samples, TextValue
from studio.engine.render import render
from studio.engine.rendering import Rendering

_KINDS: dict[type, PortKind] = {
    Latents: "latent", TextValue: "text", Conditioning: "conditioning", LabelValue: "label", ModelValue: "model",
}  # fmt: skip
_SPACES: dict[str, PortKind] = {
    "points": "points", "image": "image", "tokens": "text", "audio": "audio", "views": "scene", "table": "table",
}  # fmt: skip


def kind_of(value: Any) -> PortKind | None:
    """The kind of port that `value` fits, None where that is not known."""
    if isinstance(value, Samples):
        return _SPACES[value.space.kind]
    return _KINDS.get(value.__class__)


def show(value: Any) -> Rendering | None:
    """How a value looks, None where there is nothing to see."""
    if isinstance(value, Samples):
        return render(value.array, value.space)
    if isinstance(value, TextValue | Conditioning):
        return Rendering(kind="texts", count=1, texts=(value.text,))
    if isinstance(value, (int, float)):
        return Rendering(kind="numbers", count=1, numbers={"value": float(value)})
    return None


def show_first(outputs: Mapping[str, Any]) -> Rendering | None:
    """How the first output that can be seen looks."""
    return next((shown for value in outputs.values() if (shown := show(value)) is not None), None)


def weigh(value: Any) -> int:
    """Bytes that keeping a value takes, roughly."""
    if isinstance(value, (Samples, Latents, Conditioning)):
        return int(value.array.nbytes)
    if isinstance(value, np.ndarray):
        return int(value.nbytes)
    if isinstance(value, TextValue):
        return len(value.text) * 4
    if isinstance(value, Rendering):
        return len(value.pixels) + 16 * len(value.points) + 4 * sum(map(len, value.texts))
    return sys.getsizeof(value)


def seal(value: Any) -> None:
    """Make a value's array read-only, so that no node changes what another one reads."""
    if isinstance(value, (Samples, Latents, Conditioning)):
        value.array.flags.writeable = False
