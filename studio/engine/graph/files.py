"""Graph files: JSON that is data and nothing else, read within bounds and written whole or not at all."""

import json
import math
import os
import re
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from studio.api.errors import StudioError
from studio.engine.graph.document import Graph
from studio.engine.runs.atomic import write_atomically

LARGEST = 16 * 2**20
DEEPEST = 64
VERSION = 1
FARTHEST = 1e6
MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
"""From the version of the key to the next one: each takes the JSON of a file and gives that of the next version."""

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)


def load(path: Path) -> Graph:
    """The graph in a file; nodes of types that are not installed are kept as they are.

    Raises:
        StudioError: it cannot be read, is too large, or is not a graph; the text says which.
    """
    return parse(_read(path), path.name)


def save(graph: Graph, path: Path) -> None:
    """Write a graph; a crash leaves the old file or the new one. StudioError where it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, dump(graph).encode())


def dump(graph: Graph) -> str:
    """The graph as JSON text, the same text for the same graph."""
    return json.dumps(graph.model_dump(mode="json"), indent=1, allow_nan=False) + "\n"


def parse(text: str, name: str = "The graph") -> Graph:
    """The graph that JSON text holds; `name` is what an error calls it."""
    return graph_of(_strict(text, name), name)


def graph_of(data: Any, name: str = "The graph") -> Graph:
    """The graph that JSON data of any version holds, checked to be one that can be shown."""
    if not isinstance(data, dict):
        raise StudioError(f"{name} is not a graph.")
    try:
        graph = Graph.model_validate(_migrated(cast("dict[str, Any]", data), name))
    except ValidationError as error:
        first = error.errors()[0]
        place = " → ".join(map(str, first["loc"])) or "the top"
        raise StudioError(f"{name} is not a graph: {first['msg'].lower()} at {place}.") from None
    _refuse_loose(graph, name)
    return graph


def _migrated(data: dict[str, Any], name: str) -> dict[str, Any]:
    version = data.get("version", 1)
    while version != VERSION:
        if version not in MIGRATIONS:
            raise StudioError(
                f"{name} has format {version!r}, and this studio reads up to {VERSION}. Update the studio to open it."
            )
        data = MIGRATIONS[version](data)
        version = data["version"]
    return data


def _refuse_loose(graph: Graph, name: str) -> None:
    ids = [node.id for node in graph.nodes]
    known = set(ids)
    if len(known) < len(ids):
        raise StudioError(f"{name} has two nodes of one id.")
    if loose := next((link for link in graph.links if not {link.source, link.target} <= known), None):
        raise StudioError(f"{name} has a link from '{loose.source}' to '{loose.target}', and one of them is not there.")
    if len({(link.target, link.input) for link in graph.links}) < len(graph.links):
        raise StudioError(f"{name} has two links into one input.")
    if not all(abs(place) <= FARTHEST for node in graph.nodes for place in node.position):
        raise StudioError(f"{name} has a node outside the canvas.")


def _strict(text: str, name: str) -> Any:
    if len(text) > LARGEST:
        raise StudioError(f"{name} is larger than {LARGEST // 2**20} MiB, which no graph is.")
    if _depth(text) > DEEPEST:
        raise StudioError(f"{name} is nested more than {DEEPEST} deep, which no graph is.")
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_finite, parse_float=_finite)
    except ValueError as error:
        raise StudioError(f"{name} is not a graph: {error}.") from None


def _depth(text: str) -> int:
    deepest = depth = 0
    for token in _TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        deepest = max(deepest, depth)
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        raise ValueError(f"the key '{next(key for key in keys if keys.count(key) > 1)}' comes twice")
    return found


def _finite(text: str) -> float:
    number = float(text.replace("Infinity", "inf"))
    if not math.isfinite(number):
        raise ValueError(f"{text} is not a finite number")
    return number


def _read(path: Path) -> str:
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise StudioError(f"{path.name} is not a file.")
            if found.st_size > LARGEST:
                raise StudioError(f"{path.name} is larger than {LARGEST // 2**20} MiB, which no graph is.")
            return file.read(LARGEST + 1).decode("utf-8")
    except OSError as error:
        raise StudioError(f"{path.name} cannot be opened: {error.strerror or error}.") from None
    except UnicodeDecodeError:
        raise StudioError(f"{path.name} is not a graph: it is not text.") from None
