"""The frame: places by keyboard, trouble as notices, the engine's health in words."""

import subprocess
import sys
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.api.errors import StudioError
from studio.ui import theme
from studio.ui.arena.place import ArenaPlace
from studio.ui.main_window import MainWindow
from studio.ui.settings.place import SettingsPlace
from tests.ui.fake_engine import REQUEST, FakeEngine


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)


def test_that_the_keyboard_alone_leads_to_other_places_and_back(qtbot: QtBot, window: MainWindow) -> None:
    for key, name in ((Qt.Key.Key_2, "train"), (Qt.Key.Key_6, "settings"), (Qt.Key.Key_1, "arena")):
        press(qtbot, window, key)
        qtbot.waitUntil(lambda name=name: window.current == name)
        assert window.places[name].isVisible()


def test_that_a_place_is_built_only_when_first_shown(window: MainWindow) -> None:
    assert set(window.places) == {"arena"}


def test_that_search_finds_a_method_and_opens_it_for_training(qtbot: QtBot, window: MainWindow) -> None:
    press(qtbot, window, Qt.Key.Key_K)
    qtbot.waitUntil(window.palette_.isVisible)
    qtbot.keyClicks(window.palette_.field, "ddpm method")
    qtbot.waitUntil(lambda: window.palette_.list.count() == 1)
    qtbot.keyClick(window.palette_.field, Qt.Key.Key_Return)
    assert window.current == "train"
    setup = window.places["train"].setup  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: setup._method is not None and setup._method.id == "ddpm")


def test_that_an_error_is_a_notice_with_details_and_the_window_stays_usable(
    qtbot: QtBot, window: MainWindow, engine: FakeEngine
) -> None:
    engine.trouble = {"pause": StudioError("The run is already over. Start it again.")}
    window.bridge.ask("pause", None, None, "x")
    qtbot.waitUntil(lambda: len(window.notices.shown()) == 1)
    notice = window.notices.shown()[0]
    assert (notice.level, notice.text) == ("error", "The run is already over. Start it again.")
    notice.details_button.click()
    assert notice._pane.isVisible()
    assert "Traceback" in notice._pane.toPlainText()
    notice._copy()
    assert "Start it again." in QGuiApplication.clipboard().text()
    assert QApplication.activeModalWidget() is None
    window.show_place("settings")
    assert window.current == "settings"


def test_that_a_dead_engine_is_said_in_words_and_its_return_too(qtbot: QtBot, window: MainWindow, engine: FakeEngine) -> None:
    qtbot.waitUntil(lambda: window.strip._engine.words == "engine ready")
    threading.Thread(target=engine.on_lost, args=("The engine crashed.",)).start()
    qtbot.waitUntil(lambda: window.strip._engine.words == "engine restarting…")
    assert window.notices.shown()[0].text.startswith("The engine crashed.")
    threading.Thread(target=engine.on_back).start()
    qtbot.waitUntil(lambda: window.strip._engine.words == "engine ready")


def test_that_the_strip_names_the_provider_and_the_running_run(qtbot: QtBot, window: MainWindow, engine: FakeEngine) -> None:
    run = engine.train(REQUEST)
    engine.advance(run.id, step=410)
    window.watch.look()
    qtbot.waitUntil(lambda: "41 %" in window.strip._run.text())
    assert "59 s left" in window.strip._run.text()
    assert "CPU" in window.strip._machine.text()
    window.strip._ask_cancel()
    qtbot.waitUntil(lambda: ("cancel", (run.id,)) in engine.asked)


def test_that_the_theme_changes_live_and_is_remembered(qtbot: QtBot, window: MainWindow, qapp: QApplication) -> None:
    window.show_place("settings")
    place = window.places["settings"]
    assert isinstance(place, SettingsPlace)
    place.themes.button(2).click()
    assert theme.tokens() is theme.LIGHT
    assert qapp.palette().window().color().name().upper() == theme.LIGHT.ground
    place.themes.button(1).click()
    assert theme.tokens() is theme.DARK


def test_that_every_control_of_the_frame_has_a_name_and_can_be_focused(window: MainWindow) -> None:
    for stop in ("arena", "train", "graph", "library", "plugins", "settings"):
        button = window.rail.button(stop)
        assert button.accessibleName()
        assert button.focusPolicy() & Qt.FocusPolicy.TabFocus


@pytest.mark.parametrize(
    "module", ["studio.ui.app", "studio.ui.arena.place", "studio.ui.train.place", "studio.ui.settings.place"]
)
def test_that_the_window_imports_nothing_heavy(module: str) -> None:
    heavy = "'torch', 'onnx', 'onnxruntime', 'pyqtgraph', 'qtawesome', 'superqt'"
    code = f"import sys, {module}; bad = [name for name in ({heavy}) if name in sys.modules]; sys.exit(' '.join(bad) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_that_the_arena_opens_first_and_generates(qtbot: QtBot, window: MainWindow) -> None:
    arena = window.places["arena"]
    assert isinstance(arena, ArenaPlace)
    qtbot.waitUntil(lambda: len(arena.tiles) == 4 and all(tile.frames for tile in arena.tiles.values()))
