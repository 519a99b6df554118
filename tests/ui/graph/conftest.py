"""A Graph place over an engine that plays a script, on a real (offscreen) window."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from pytestqt.qtbot import QtBot

from studio.ui import theme
from studio.ui.graph.place import GraphPlace
from tests.ui.graph.playing import PlayingEngine, bridge_to


@pytest.fixture
def desk(qtbot: QtBot, qapp, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """`engine`, `bridge`, `place`, and `told` (the notices), with the node types known."""
    theme.apply(qapp, "dark")
    engine = PlayingEngine()
    bridge = bridge_to(engine)
    place = GraphPlace(bridge)
    qtbot.addWidget(place)
    told: list[tuple[str, str, str]] = []
    place.told.connect(lambda *words: told.append(words))
    place.resize(1300, 800)
    place.show()
    qtbot.waitExposed(place)
    qtbot.waitUntil(lambda: bool(place.catalog.types) and bool(place.models))
    yield SimpleNamespace(engine=engine, bridge=bridge, place=place, told=told)
    place.finish()
    bridge.close()
