"""Settings: what is chosen reaches the engine, what the engine says is seen."""

from pytestqt.qtbot import QtBot

from studio.ui.main_window import MainWindow
from studio.ui.settings.place import SettingsPlace
from tests.ui.fake_engine import FakeEngine


def test_that_a_chosen_device_reaches_the_engine_and_keeps_other_settings(
    qtbot: QtBot, window: MainWindow, engine: FakeEngine
) -> None:
    engine.kept = {"disabled_plugins": ["x"]}
    window.show_place("settings")
    place = window.places["settings"]
    assert isinstance(place, SettingsPlace)
    place.device.setCurrentIndex(place.device.findData("cpu"))
    place.device.activated.emit(1)
    qtbot.waitUntil(lambda: engine.kept == {"disabled_plugins": ["x"], "device": "cpu"})


def test_that_home_and_provider_are_seen_within_their_card(qtbot: QtBot, window: MainWindow) -> None:
    window.show_place("settings")
    place = window.places["settings"]
    assert isinstance(place, SettingsPlace)
    qtbot.waitUntil(lambda: place._home.text() == "/home/ada/studio" and "CPU" in place._really.text())
    for line in (place._home, place._really):
        parent = line.parentWidget()
        assert parent is not None
        qtbot.waitUntil(lambda line=line, parent=parent: parent.rect().contains(line.geometry()))
