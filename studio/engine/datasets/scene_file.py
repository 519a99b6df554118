"""A scene of the user's own: pictures with their cameras, or a mesh."""

from pathlib import Path

from studio.api import Dataset
from studio.engine.datasets import mesh, transforms


def holds_scene(path: Path) -> bool:
    """Whether a path is a folder with a transforms.json, such a file itself, or a mesh."""
    if path.is_dir():
        return transforms.find_transforms(path) is not None
    return path.suffix.lower() in mesh.SUFFIXES or (path.suffix == ".json" and path.name.startswith("transforms"))


def load_scene(path: Path, size: int | None = None) -> Dataset:
    """Its views; StudioError where they cannot be had."""
    if path.suffix.lower() in mesh.SUFFIXES and path.is_file():
        return mesh.load_mesh(path, size or mesh.SIZE)
    return transforms.load_transforms(transforms.find_transforms(path) or path, size or transforms.SIZE)
