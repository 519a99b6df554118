"""From a dataset and a method to a run that is watched."""

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from studio.api.card import Slot
from studio.engine.engine import ModelInfo
from studio.engine.runs.request import TrainRequest
from studio.ui.main_window import MainWindow
from studio.ui.train.place import TrainPlace
from tests.ui.fake_engine import EMOJI, METHODS, FakeEngine, method, model


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
    assert train.methods.cards["ddpm"]._unfit.text() == "learns pictures, points and sound, not text"
    train.methods.choose("ddpm")
    assert not train.setup.start.isEnabled()
    assert "choose other data" in train.setup.start.toolTip()


def test_that_a_text_can_be_read_in_byte_pairs_and_other_data_offer_none(
    qtbot: QtBot, train: TrainPlace, engine: FakeEngine
) -> None:
    assert train.data.symbols.isHidden()
    train.data.choose("shakespeare")
    qtbot.waitUntil(lambda: not train.data.symbols.isHidden())
    train.data.symbols.combo.setCurrentIndex(2)
    train.data.symbols.combo.activated.emit(2)
    assert not train.setup.start.isEnabled()
    qtbot.waitUntil(train.setup.start.isEnabled)
    train.setup.start.click()
    qtbot.waitUntil(lambda: any(call == "train" for call, _ in engine.asked))
    request = next(args[0] for call, args in engine.asked if call == "train")
    assert request.dataset == "shakespeare@bpe1024"
    train.data.choose("emoji")
    assert train.data.symbols.isHidden()
    assert train.data.symbols.combo.currentIndex() == 0


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


TEACHERS = [METHODS[1].model_copy(update={"provides": ("denoiser",)})]


def pupil(*, optional: bool = False):
    slot = Slot(name="teacher", provides="denoiser", optional=optional)
    return method("pupil", "consistency", "Pupil", ("image",)).model_copy(update={"inputs": (slot,)})


def run_of(name: str, reference: str) -> ModelInfo:
    return model(name, "diffusion", f"{name} run", EMOJI, steps=1, controls=()).model_copy(update={"reference": reference})


def test_that_a_needed_teacher_is_chosen_among_the_runs_that_fit(train: TrainPlace) -> None:
    train.setup.show_method(pupil())
    train.setup.show_models(
        [run_of("ddpm", "starter:ddpm"), run_of("vae", "run:v"), run_of("ddpm", "run:a"), run_of("ddpm", "run:b")], TEACHERS
    )
    assert [train.setup.inputs.lists["teacher"].itemData(k) for k in range(2)] == ["run:a", "run:b"]
    assert train.setup.inputs.lists["teacher"].count() == 2
    train.setup.inputs.lists["teacher"].setCurrentIndex(1)
    request = train.setup.request()
    assert request is not None
    assert request.inputs == {"teacher": "run:b"}
    train.setup.show_models([run_of("ddpm", "run:c"), run_of("ddpm", "run:b")], TEACHERS)
    assert train.setup.inputs.values() == {"teacher": "run:b"}


def test_that_a_sentence_says_what_to_train_where_there_is_no_teacher(qtbot: QtBot, train: TrainPlace) -> None:
    train.setup.show_method(pupil())
    train.setup.show_models([run_of("ddpm", "run:a")], TEACHERS)
    assert train.setup.start.isEnabled()
    train.setup.show_models([run_of("ddpm", "starter:ddpm")], TEACHERS)
    assert (
        train.setup.inputs.hints["teacher"].text()
        == "Needs a run of DDPM on data of this shape. There is none yet; train one first."
    )
    assert not train.setup.start.isEnabled()
    assert train.setup.start.toolTip() == "Pupil needs a trained model as teacher: train that first."


def test_that_an_optional_teacher_may_be_left_out(train: TrainPlace) -> None:
    train.setup.show_method(pupil(optional=True))
    train.setup.show_models([run_of("ddpm", "run:a")], TEACHERS)
    request = train.setup.request()
    assert request is not None
    assert request.inputs == {}
    train.setup.inputs.lists["teacher"].setCurrentIndex(1)
    assert train.setup.inputs.values() == {"teacher": "run:a"}


def test_that_a_run_that_ends_is_offered_as_a_teacher_at_once(qtbot: QtBot, train: TrainPlace, engine: FakeEngine) -> None:
    train.setup.start.click()
    qtbot.waitUntil(lambda: train.list.key() == "run0")
    before = [call for call, _ in engine.asked].count("models")
    engine.advance("run0", "done", 1000)
    qtbot.waitUntil(lambda: [call for call, _ in engine.asked].count("models") > before, timeout=15_000)


@pytest.fixture
def planar(qtbot: QtBot, train: TrainPlace, engine: FakeEngine) -> TrainPlace:
    """A run on points that has five previews."""
    train.data.choose("moons")
    qtbot.waitUntil(lambda: train._kind == "points" and train.setup.start.isEnabled())
    train.setup.start.click()
    qtbot.waitUntil(lambda: train.list.key() == "run0")
    engine.advance("run0", step=410)
    qtbot.waitUntil(lambda: train.view.closeup is not None and bool(train.view.closeup.switches.chips), timeout=15_000)
    return train


def test_that_a_run_in_the_plane_is_seen_large_with_a_switch_for_each_layer(planar: TrainPlace) -> None:
    closeup = planar.view.closeup
    assert closeup is not None
    assert list(closeup.switches.chips) == ["samples", "data", "density", "energy", "vector_field", "trajectories"]
    assert closeup.switches.on() == {"samples", "data", "density"}
    assert closeup.plane.isVisible()
    assert closeup.plane.width() > 400
    assert not planar.methods.isVisible()
    planar.view.shrink.click()
    assert planar.methods.isVisible()


def test_that_one_surface_is_seen_at_a_time_and_a_choice_outlives_the_next_preview(
    qtbot: QtBot, planar: TrainPlace, engine: FakeEngine
) -> None:
    closeup = planar.view.closeup
    assert closeup is not None
    closeup.switches.chips["energy"].click()
    closeup.switches.chips["samples"].click()
    assert closeup.switches.on() == {"data", "energy"}
    engine.advance("run0", step=610)
    asked = len([args for call, args in engine.asked if call == "plane"])
    planar.view._after = -1
    qtbot.waitUntil(lambda: len([args for call, args in engine.asked if call == "plane"]) > asked, timeout=15_000)
    assert closeup.switches.on() == {"data", "energy"}


def test_that_dragging_along_the_film_moves_all_layers_through_time(qtbot: QtBot, planar: TrainPlace) -> None:
    closeup, film = planar.view.closeup, planar.view.film
    assert closeup is not None
    assert (film.index, closeup._step.text()) == (4, "step 400")
    qtbot.mouseClick(film, Qt.MouseButton.LeftButton, pos=QPoint(10, 20))
    qtbot.waitUntil(lambda: closeup._step.text() == "step 0")
    first = closeup.plane._plane
    qtbot.keyClick(film, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: closeup._step.text() == "step 100" and closeup.plane._plane is not first)


def test_that_newer_previews_are_followed_unless_somebody_looks_back(planar: TrainPlace, engine: FakeEngine) -> None:
    film, told = planar.view.film, []
    film.chosen.connect(told.append)
    newer = film._previews[-1].model_copy(update={"step": 500})
    film.add([newer])
    assert told == [newer]
    film.choose(1)
    film.add([newer])
    assert (film.index, told) == (1, [newer, film._previews[1]])
    film.choose(99)
    film.add([newer])
    assert film.index == len(film._previews) - 1


def test_that_watching_again_runs_from_the_first_preview_to_the_newest(qtbot: QtBot, planar: TrainPlace) -> None:
    told = []
    film = planar.view.film
    film.chosen.connect(lambda preview: told.append(preview.step))
    film.replay()
    film._play.setInterval(1)
    qtbot.waitUntil(lambda: not film._play.isActive(), timeout=15_000)
    assert told == [0, 100, 200, 300, 400]


def test_that_a_picture_is_composed_once_however_often_it_is_painted(qtbot: QtBot, planar: TrainPlace) -> None:
    view = planar.view.closeup.plane
    planar.view.watch(False)
    qtbot.waitUntil(lambda: view._pixmap is not None and view._data is not None)
    before = view.composed
    for _ in range(5):
        view.repaint()
    assert view.composed == before
    planar.view.closeup.switches.chips["trajectories"].click()
    view.repaint()
    assert view.composed == before + 1


def test_that_a_run_of_pictures_is_seen_large_without_switches(qtbot: QtBot, train: TrainPlace, engine: FakeEngine) -> None:
    train.setup.start.click()
    qtbot.waitUntil(lambda: train.list.key() == "run0")
    engine.advance("run0", step=410)
    qtbot.waitUntil(lambda: train.view.closeup is not None and train.view.closeup.gallery.rendering is not None, timeout=15_000)
    assert train.view.closeup.gallery.isVisible()
    assert not train.view.closeup.switches.isVisible()


def test_that_the_engine_is_asked_once_for_each_preview_of_a_film_that_is_scrubbed_twice(
    qtbot: QtBot, planar: TrainPlace, engine: FakeEngine
) -> None:
    closeup, film = planar.view.closeup, planar.view.film
    for index in (3, 2, 1, 0, 1, 2, 3, 4):
        film.choose(index)
        qtbot.waitUntil(lambda: closeup.plane._plane is closeup._seen.get(closeup._wished.file))
    files = [args[1] for call, args in engine.asked if call == "plane"]
    assert sorted(files) == sorted(set(files))


def test_that_one_family_can_be_looked_at_alone_and_a_wish_for_another_brings_all_back(train: TrainPlace) -> None:
    methods = train.methods
    assert list(methods.filters) == ["gan", "diffusion", "vae", "transformer"]
    methods.filters["vae"].click()
    assert [id for id, card in methods.cards.items() if not card.isHidden()] == ["vae"]
    methods.filters["diffusion"].click()
    assert [id for id, card in methods.cards.items() if not card.isHidden()] == ["ddpm"]
    methods.choose("dcgan")
    assert not any(card.isHidden() for card in methods.cards.values())


def test_that_a_low_window_gives_a_started_run_all_its_room_and_takes_it_back(
    qtbot: QtBot, window: MainWindow, train: TrainPlace, engine: FakeEngine
) -> None:
    window.resize(1024, 700)
    train.setup.start.click()
    qtbot.waitUntil(lambda: train.list.key() == "run0")
    engine.advance("run0", step=410)
    qtbot.waitUntil(lambda: train.view.closeup is not None and train.view.closeup.gallery.rendering is not None, timeout=15_000)
    assert not train.methods.isVisible()
    assert train.view.closeup.gallery.height() > 300
    train.view.shrink.click()
    assert train.methods.isVisible()
    qtbot.waitUntil(lambda: not train.view.closeup._below.isVisible())
    train._enlarge(True)
    train._take_runs([])
    assert train.methods.isVisible()
