"""Where things live: the user's folder, and the resources of a wheel or a checkout."""

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """The user's studio folder (`STUDIO_HOME` where set), made if absent."""
    folder = Path(os.environ.get("STUDIO_HOME") or platformdirs.user_data_dir("generative-studio", appauthor=False))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def resources() -> Path:
    """`studio/resources` in a wheel, `resources` beside the package in a checkout."""
    packaged = Path(__file__).parent / "resources"
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "resources"
