"""Runs of the toy method, started as the studio starts them."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.api.events import Entry, Step
from studio.engine.runs.folder import RunFolder, create
from studio.engine.runs.journal import read
from studio.engine.runs.request import Budget, TrainRequest

SITE = Path(__file__).parent / "site"
ROOT = Path(__file__).parents[2]


def python_path() -> str:
    """Where a trainer finds the studio and the toy plugin."""
    return os.pathsep.join([str(SITE), str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)


def request(steps: int = 20, **given: Any) -> TrainRequest:
    """A request for the toy method; keywords that are no fields of a request are the method's parameters."""
    fields = {name: given.pop(name) for name in list(given) if name in TrainRequest.model_fields}
    usual = {"method": "toy", "dataset": "cloud", "budget": Budget(steps=steps, seconds=None), "batch_size": 16}
    return TrainRequest.model_validate({**usual, "params": given, **fields})


def make(store: Path, steps: int = 20, **given: Any) -> RunFolder:
    """A run folder that waits to be trained."""
    return create(store, request(steps, **given), title="a toy", plugin="toy", version="1.0")


def wait_until(condition: Callable[[], Any], seconds: float = 60.0, what: str = "") -> Any:
    """The first true value of `condition`, asked again and again."""
    until = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < until, f"waited {seconds} s in vain for {what or condition}"
        time.sleep(0.02)
    return value


def entries(folder: RunFolder) -> list[Entry]:
    """All of a run's journal."""
    return read(folder.journal).entries


def kinds(folder: RunFolder) -> list[str]:
    """The kinds of a run's events, in order."""
    return [entry.event.kind for entry in entries(folder)]


def last_step(folder: RunFolder) -> int:
    """The newest step in a run's journal."""
    return max((entry.event.step for entry in entries(folder) if isinstance(entry.event, Step)), default=0)


def curve(folder: RunFolder) -> dict[int, float | None]:
    """Loss by step; where a step was made twice, the later one."""
    events = [entry.event for entry in entries(folder)]
    return {event.step: event.values["loss"] for event in events if isinstance(event, Step) and "loss" in event.values}
