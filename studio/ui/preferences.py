"""What the window itself remembers, in `window.json` of the user's folder; a broken file counts as none."""

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from studio.home import home


@dataclass(frozen=True)
class Preferences:
    """Looks and the last size of the window."""

    theme: str = "system"
    reduced_motion: bool = False
    width: int = 1440
    height: int = 900
    tip_seen: bool = False


def read() -> Preferences:
    """The preferences as last written."""
    try:
        found: dict[str, Any] = json.loads(_file().read_text("utf-8"))
        known = {f.name: type(f.default) for f in fields(Preferences)}
        return Preferences(**{name: found[name] for name, kind in known.items() if isinstance(found.get(name), kind)})
    except (OSError, ValueError, AttributeError, TypeError):
        return Preferences()


def write(**changes: Any) -> Preferences:
    """Change some of the preferences on disk; returns all of them."""
    preferences = replace(read(), **changes)
    temporary = _file().with_suffix(".tmp")
    temporary.write_text(json.dumps(asdict(preferences), indent=1), "utf-8")
    temporary.replace(_file())
    return preferences


def _file() -> Path:
    return home() / "window.json"
