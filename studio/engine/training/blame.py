"""Whose code failed, and what to do about failures that have a known cause."""

import importlib.machinery
import importlib.util
import traceback
from collections.abc import Iterator
from pathlib import Path

import torch

from studio.engine.engine import PluginInfo
from studio.engine.plugins.registry import Registry

OURS = "studio"


def culprit(error: BaseException, registry: Registry) -> str:
    """The plugin whose code was running innermost, with its version; "" where it was nobody's but ours."""
    homes = [(place, plugin) for plugin in registry.plugins for place in _places(plugin, registry)]
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        for place, plugin in homes:
            if Path(frame.filename).is_relative_to(place):
                return f"{plugin.name} {plugin.version}".strip()
    return ""


def _places(plugin: PluginInfo, registry: Registry) -> Iterator[str]:
    """The folders, or the single files, of the packages that a plugin's code lies in."""
    codes = [plugin.module, *(registry.methods[id].implementation for id in plugin.methods if id in registry.methods)]
    for package in {code.split(":", maxsplit=1)[0].split(".", maxsplit=1)[0] for code in codes} - {OURS}:
        spec = _find(package)
        if spec is not None:
            yield from spec.submodule_search_locations or ([spec.origin] if spec.origin else [])


def _find(package: str) -> importlib.machinery.ModuleSpec | None:
    try:
        return importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None


def words(error: BaseException, batch_size: int | None = None) -> str:
    """A failure that is no StudioError, in words, with a remedy where one is known."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error):
        where = "The graphics card" if isinstance(error, torch.OutOfMemoryError) else "The computer"
        halved = f" (from {batch_size} to {max(1, batch_size // 2)})" if batch_size else ""
        return f"{where} ran out of memory. Halve the batch size{halved}, or make the model smaller."
    text = str(error).strip().split("\n", maxsplit=1)[0]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
