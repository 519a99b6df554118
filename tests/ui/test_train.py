"""From a dataset and a method to a run that is watched."""

import pytest
from pytestqt.qtbot import QtBot

from studio.engine.runs.request import TrainRequest
from studio.ui.main_window import MainWindow
from studio.ui.train.place import TrainPlace
from tests.ui.fake_engine import FakeEngine


@pytest.fixture
def train(qtbot: QtBot, window: MainWindow) -> TrainPlace:
    window.show_place("train")
    place = window.places["train"]
    assert isinstance(place, TrainPlace)
    qtbot.waitUntil(lambda: place.setup.start.isEnabled() and bool(place.setup.estimate_line.text()))
    return place


def test_that_an_estimate_is_shown_before_the_start(train: TrainPlace) -> None:
    assert "1 min 35 s" in train.setup.estimate_line.text()


def test_that_start_asks_for_what_the_form_shows(qtbot: QtBot, train: TrainPlace, engine: FakeEngine) -> None:
    train.methods.choose("ddpm")
    train.methods.cards["ddpm"].preset.emit({"width": 32, "steps": 500})
    train.setup.start.click()
    qtbot.waitUntil(lambda: any(call == "train" for call, _ in engine.asked))
    request = next(args[0] for call, args in engine.asked if call == "train")
    assert isinstance(request, TrainRequest)
    assert (request.method, request.dataset, request.params["width"], request.budget.steps) == ("ddpm", "emoji", 32, 500)
    assert request.title == "DDPM on Emoji-32"
    qtbot.waitUntil(lambda: train.list.key() == "run0")


def test_that_a_method_that_cannot_learn_the_data_says_so_and_start_waits(qtbot: QtBot, train: TrainPlace) -> None:
    train.data.choose("shakespeare")
    qtbot.waitUntil(lambda: train.setup._method is not None and train.setup._method.id == "gpt")
    assert not train.methods.cards["ddpm"]._unfit.isHidden()
    assert train.methods.cards["ddpm"]._unfit.text() == "learns pictures and points, not text"
    train.methods.choose("ddpm")
    assert not train.setup.start.isEnabled()
    assert "choose other data" in train.setup.start.toolTip()


def test_that_unreadable_data_is_told_and_nothing_can_start(qtbot: QtBot, window: MainWindow, train: TrainPlace) -> None:
    train.data.choose("/nowhere/at/all")
    qtbot.waitUntil(lambda: bool(window.notices.shown()))
    assert "nothing to train on" in window.notices.shown()[0].text
    assert not train.setup.start.isEnabled()


def test_that_a_run_is_followed_with_previews_curves_and_words(qtbot: QtBot, train: TrainPlace, engine: FakeEngine) -> None:
    train.setup.start.click()
    qtbot.waitUntil(lambda: train.list.key() == "run0")
    engine.advance("run0", step=410)
    qtbot.waitUntil(lambda: train.view.log.count() == 3, timeout=15_000)
    assert len(train.view.film.shown()) == 5
    qtbot.waitUntil(lambda: "step 410 of 1" in train.view._state.text(), timeout=15_000)
    assert train.view._curves is not None
    assert len(train.view._curves._points["loss"][0]) == 82
    train.view.pause.click()
    qtbot.waitUntil(lambda: ("pause", ("run0",)) in engine.asked)


def test_that_a_finished_run_leads_to_its_model_in_the_arena(
    qtbot: QtBot, window: MainWindow, train: TrainPlace, engine: FakeEngine
) -> None:
    train.setup.start.click()
    qtbot.waitUntil(lambda: train.list.key() == "run0")
    engine.advance("run0", "done", 1000)
    qtbot.waitUntil(train.view.show_it.isVisible)
    train.view.show_it.click()
    assert window.current == "arena"
