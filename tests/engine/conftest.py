"""Engines in both homes, with nodes that misbehave (hosted.py), and listeners that can be waited for."""

import sys
from collections.abc import Callable, Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Event

import pytest

from studio.engine.client import EngineClient
from studio.engine.engine import ExecutionDone, GraphEvent
from studio.engine.local import LocalEngine

ROOT = Path(__file__).parents[2]
HOSTED = Path(__file__).with_name("hosted.py")


class Heard:
    """A listener that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[GraphEvent] = []
        self.over = Event()
        self.began = Event()

    def __call__(self, event: GraphEvent) -> None:
        self.events.append(event)
        self.began.set()
        if isinstance(event, ExecutionDone):
            self.over.set()

    def all(self, within: float = 30.0) -> list[GraphEvent]:
        """Every event, once the execution ended."""
        assert self.over.wait(within), self.events
        return self.events

    def of(self, kind: str) -> list[GraphEvent]:
        return [event for event in self.all() if event.kind == kind]


@pytest.fixture
def heard() -> type[Heard]:
    return Heard


@pytest.fixture
def hosted_command(monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{ROOT / 'plugins'}")
    return (sys.executable, str(HOSTED))


@pytest.fixture
def client(hosted_command: tuple[str, ...]) -> Iterator[EngineClient]:
    started = EngineClient.start(hosted_command)
    yield started
    started.close()


@pytest.fixture
def local_engine() -> Iterator[LocalEngine]:
    spec = spec_from_file_location("hosted", HOSTED)
    assert spec
    assert spec.loader
    hosted = module_from_spec(spec)
    spec.loader.exec_module(hosted)
    engine = LocalEngine(hosted.registry())
    yield engine
    engine.close()


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Polls until something is true."""
    import time

    def wait(true: Callable[[], object], within: float = 45.0) -> None:
        end = time.monotonic() + within
        while not true():
            assert time.monotonic() < end, "it did not come true"
            time.sleep(0.01)

    return wait
