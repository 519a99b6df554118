"""A window over a fake engine, in a home of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.ui import app, preferences, theme
from studio.ui.main_window import MainWindow
from tests.ui.fake_engine import FakeEngine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    offscreen = pytest.mark.qt_log_ignore("This plugin does not support")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(offscreen)


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, engine: FakeEngine) -> Iterator[MainWindow]:
    preferences.write(theme="dark", reduced_motion=True)
    made = app.open_window(qapp, lambda: engine)
    qtbot.addWidget(made)
    qtbot.waitUntil(lambda: made.current == "arena")
    yield made
    made.bridge.close()
    theme.reduce_motion(False)
