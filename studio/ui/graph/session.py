"""The open graphs, kept in the user's folder so that a crash loses nothing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.api.errors import StudioError
from studio.engine.engine import ModelInfo
from studio.engine.graph.document import Graph
from studio.engine.graph.files import dump, parse
from studio.engine.runs.atomic import write_atomically
from studio.home import home

VERSION = 1
UNTITLED = "Untitled"


@dataclass(frozen=True)
class OpenGraph:
    """A graph on a tab: `path` is its file, None before it is first saved; `saved` is what that file holds."""

    title: str
    graph: Graph
    path: Path | None = None
    saved: bool = True


@dataclass(frozen=True)
class Session:
    """The tabs, and which is in front."""

    tabs: tuple[OpenGraph, ...] = ()
    current: int = 0


def title_of(graph: Graph, models: Sequence[ModelInfo]) -> str:
    """What a graph is about: the models in it."""
    titles = {model.reference: model.card.title for model in models}
    found = dict.fromkeys(titles[name] for node in graph.nodes if (name := str(node.values.get("model"))) in titles)
    return " and ".join(found) if 1 <= len(found) <= 2 else f"{len(found)} models" if found else UNTITLED


def session_file() -> Path:
    """Where the session is kept."""
    return home() / "session" / "graph.json"


def write_session(session: Session) -> None:
    """Keep a session, whole or not at all."""
    file = session_file()
    file.parent.mkdir(exist_ok=True)
    data = {"version": VERSION, "current": session.current, "tabs": [_tab_data(tab) for tab in session.tabs]}
    write_atomically(file, json.dumps(data, indent=1).encode())


def read_session() -> Session:
    """The session that was kept last; empty where there is none.

    Raises:
        StudioError: the file is damaged; it is moved aside, and the text says where to.
    """
    file = session_file()
    if not file.exists():
        return Session()
    try:
        return _session_of(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, RecursionError, StudioError):
        aside = file.with_suffix(".damaged.json")
        file.replace(aside)
        raise StudioError(f"The graphs of the last session cannot be read. Their file was put aside as {aside}.") from None


def _tab_data(tab: OpenGraph) -> dict[str, Any]:
    return {"title": tab.title, "path": str(tab.path) if tab.path else None, "saved": tab.saved, "graph": dump(tab.graph)}


def _session_of(data: Any) -> Session:
    match data:
        case {"version": 1, "current": int(current), "tabs": list(tabs)}:
            return Session(tuple(_tab_of(tab) for tab in tabs), current)
        case _:
            raise ValueError(data)


def _tab_of(data: Any) -> OpenGraph:
    match data:
        case {"title": str(title), "path": str() | None as path, "saved": bool(saved), "graph": str(graph)}:
            return OpenGraph(title, parse(graph, title), Path(path) if path else None, saved)
        case _:
            raise ValueError(data)
