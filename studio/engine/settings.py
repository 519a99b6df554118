"""The user's settings: a JSON object in the user's folder."""

import json
from pathlib import Path
from typing import Any, cast

from pydantic import JsonValue

from studio.engine.runs.atomic import write_atomically

LARGEST = 2**20


def read_settings(home: Path) -> dict[str, JsonValue]:
    """The settings; none where there is no file, or one that cannot be understood."""
    path = home / "settings.json"
    try:
        found: Any = json.loads(path.read_text("utf-8")) if path.stat().st_size <= LARGEST else {}
    except (OSError, ValueError):
        return {}
    return cast("dict[str, JsonValue]", found) if isinstance(found, dict) else {}


def write_settings(home: Path, settings: dict[str, JsonValue]) -> None:
    """Replace the settings, whole or not at all; StudioError where they cannot be written."""
    write_atomically(home / "settings.json", json.dumps(settings, indent=1, allow_nan=False).encode())
