"""Whose code failed, and what to do about failures that have a known cause."""

import importlib.util
import traceback
from collections.abc import Iterable
from pathlib import Path

import torch

from studio.engine.engine import PluginInfo
from studio.engine.runs.request import TrainRequest


def culprit(error: BaseException, plugins: Iterable[PluginInfo]) -> str:
    """The plugin whose code was running innermost, with its version; "" where it was nobody's but ours."""
    homes = [
        (place, plugin) for plugin in plugins if plugin.module.split(".", maxsplit=1)[0] != "studio" for place in _places(plugin)
    ]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        for place, plugin in homes:
            if Path(frame.filename).is_relative_to(place):
                return f"{plugin.name} {plugin.version}".strip()
    return ""


def _places(plugin: PluginInfo) -> list[str]:
    try:
        spec = importlib.util.find_spec(plugin.module.split(".", maxsplit=1)[0])
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    return list(spec.submodule_search_locations or ([spec.origin] if spec.origin else []))


def words(error: BaseException, request: TrainRequest) -> str:
    """A failure that is no StudioError, in words, with a remedy where one is known."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error):
        half = max(1, request.batch_size // 2)
        where = "The graphics card" if isinstance(error, torch.OutOfMemoryError) else "The computer"
        return (
            f"{where} ran out of memory. Halve the batch size (from {request.batch_size} to {half}), or make the model smaller."
        )
    text = str(error).strip().split("\n", maxsplit=1)[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
