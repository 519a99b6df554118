"""Models from elsewhere in the window: where they are, what they are, how far they are, and that they arrive."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from studio.api.errors import StudioError
from studio.engine.intake import Reference
from studio.ui.library.place import LibraryPlace
from studio.ui.library.things import foreign_source
from studio.ui.main_window import MainWindow
from tests.ui.fake_engine import MODELS, SIGHT, FakeEngine

TRACE = "Traceback: the details"


@pytest.fixture
def library(window: MainWindow, qtbot: QtBot) -> LibraryPlace:
    window.show_place("library")
    place = window.places["library"]
    assert isinstance(place, LibraryPlace)
    qtbot.waitUntil(lambda: len(place.things) == len(MODELS))
    return place


@pytest.fixture
def look(library: LibraryPlace, engine: FakeEngine, qtbot: QtBot) -> Callable[..., None]:
    """Looks at a folder until what it holds is shown."""

    def act(**changes: object) -> None:
        engine.sight = SIGHT.model_copy(update=changes)
        library.open_button.click()
        library.opening_panel.whereabouts.choose("/models/gpt2")
        qtbot.waitUntil(lambda: bool(engine.coming) and library.opening.intake is not None)
        engine.reach(state="seen")
        qtbot.waitUntil(library.opening_panel.sight.isVisible)

    return act


@pytest.fixture
def take(look: Callable[..., None], library: LibraryPlace, engine: FakeEngine, qtbot: QtBot) -> Callable[[], None]:
    """Looks at a folder and takes it in as far as the first graphs."""

    def act() -> None:
        look()
        library.opening_panel.sight.take_button.click()
        qtbot.waitUntil(lambda: "taking" in {intake.state for intake in engine.coming.values()})
        engine.reach(done=2, total=5, what="sample.step", seconds=41.0)
        qtbot.waitUntil(lambda: "2 of 5" in library.opening_panel.progress.stage.text())

    return act


def asked(engine: FakeEngine, call: str) -> list[tuple[object, ...]]:
    return [arguments for name, arguments in engine.asked if name == call]


def told(window: MainWindow) -> list[tuple[str, str, str]]:
    return [(notice.level, notice.text, notice.details) for notice in window.notices.shown()]


def test_that_open_shows_the_panel_in_place_of_the_numbers_and_closing_it_brings_them_back(library: LibraryPlace) -> None:
    assert not library.opening_panel.isVisible()
    library.open_button.click()
    assert library.opening_panel.whereabouts.isVisible()
    assert not library.detail.isVisible()
    library.opening_panel.close_button.click()
    assert library.detail.isVisible()
    assert not library.opening_panel.isVisible()


def test_that_search_leads_to_it(window: MainWindow, qtbot: QtBot) -> None:
    window.search()
    qtbot.keyClicks(window.palette_.field, "from elsewhere")
    qtbot.keyClick(window.palette_.field, Qt.Key.Key_Return)
    place = window.places["library"]
    assert isinstance(place, LibraryPlace)
    assert place.opening_panel.whereabouts.isVisible()


def test_that_a_chosen_folder_is_looked_at_and_the_chooser_blocks_nothing(
    library: LibraryPlace, engine: FakeEngine, qtbot: QtBot, tmp_path: Path
) -> None:
    library.open_button.click()
    library.opening_panel.whereabouts.folder_button.click()
    (chooser,) = library.window().findChildren(QFileDialog)
    assert chooser.isVisible()
    chooser.selectFile(str(tmp_path))
    chooser.accept()
    qtbot.waitUntil(lambda: asked(engine, "look_at") == [(Reference(name=str(tmp_path)),)])
    qtbot.waitUntil(lambda: library.opening_panel.progress.stage.text() == "Reading what it is")


def test_that_a_name_on_the_hub_goes_with_its_revision_and_offline(
    library: LibraryPlace, engine: FakeEngine, qtbot: QtBot
) -> None:
    library.open_button.click()
    where = library.opening_panel.whereabouts
    QTest.keyClicks(where.name, "owner")
    assert not where.look_button.isEnabled()
    QTest.keyClicks(where.name, "/model")
    QTest.keyClicks(where.revision, "v1.0")
    where.offline.click()
    where.look_button.click()
    wanted = Reference(name="owner/model", hub=True, revision="v1.0", offline=True)
    qtbot.waitUntil(lambda: asked(engine, "look_at") == [(wanted,)])


def test_that_what_was_seen_is_told_before_anything_is_loaded(look, library: LibraryPlace, engine: FakeEngine) -> None:
    look()
    shown = library.opening_panel.sight
    assert (shown.title.text(), shown.architecture.text(), shown.weights.text()) == ("gpt2", "GPT2LMHeadModel", "124 M F32")
    assert shown.to_import.value.text() == "6.3 GB of 22 GB free"
    assert shown.to_run.value.text() == "640 MB of 22 GB free"
    assert shown.disk.value.text() == "498 MB of 83 GB free"
    assert (shown.take_button.text(), shown.obstacles.isVisible()) == ("Take it in", False)
    assert not asked(engine, "take_in")


def test_that_an_obstacle_is_said_and_can_be_overridden(look, library: LibraryPlace, engine: FakeEngine, qtbot: QtBot) -> None:
    look(obstacles=("importing needs about 25 GB of memory, and 22 GB are free",))
    shown = library.opening_panel.sight
    assert shown.obstacles.isVisible()
    assert shown.obstacles.sentence.text().startswith("Importing needs about 25 GB of memory, and 22 GB are free. Close other")
    assert shown.take_button.text() == "Take it in all the same"
    shown.take_button.click()
    qtbot.waitUntil(lambda: len(asked(engine, "take_in")) == 1)


def test_that_a_model_with_no_context_shows_no_field_for_it(look, library: LibraryPlace) -> None:
    look(context=0)
    assert not library.opening_panel.sight.context.isVisible()


def test_that_another_context_is_asked_for_and_its_needs_are_shown(
    look, library: LibraryPlace, engine: FakeEngine, qtbot: QtBot
) -> None:
    look()
    shown = library.opening_panel.sight
    shown.context.edit.selectAll()
    QTest.keyClicks(shown.context.edit, "256")
    assert not shown.take_button.isEnabled()
    qtbot.waitUntil(lambda: shown.to_run.value.text() == "228 MB of 22 GB free")
    assert [arguments[1] for arguments in asked(engine, "reconsider")] == [256]
    assert shown.take_button.isEnabled()


def test_that_a_context_that_the_model_cannot_see_is_refused_in_words(
    look, library: LibraryPlace, engine: FakeEngine, qtbot: QtBot
) -> None:
    look()
    shown = library.opening_panel.sight
    engine.trouble = {"reconsider": StudioError("The context must be between 8 and 1024 tokens, not 9000.")}
    shown.context.edit.selectAll()
    QTest.keyClicks(shown.context.edit, "9000")
    qtbot.waitUntil(shown.unfit.isVisible)
    assert "between 8 and 1024" in shown.unfit.sentence.text()
    assert not shown.take_button.isEnabled()


def test_that_the_panel_and_the_strip_tell_how_far_it_is(take, library: LibraryPlace, window: MainWindow) -> None:
    take()
    assert library.opening_panel.progress.stage.text() == "2 of 5 graphs compared with torch: sample.step"
    assert library.opening_panel.progress.time.text() == "41 s"
    assert window.strip._intake.text() == "taking in gpt2  ·  2 of 5  ·  sample.step  ·  41 s"
    assert window.strip._intake.isVisible()


def test_that_it_arrives_under_its_title_selected_and_with_its_difference(
    look, library: LibraryPlace, engine: FakeEngine, window: MainWindow, qtbot: QtBot
) -> None:
    library.filters.kinds["picture"].click()
    look()
    shown = library.opening_panel.sight
    shown.title.clear()
    assert not shown.take_button.isEnabled()
    QTest.keyClicks(shown.title, "My GPT-2")
    QTest.keyClick(shown.title, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: [arguments[1] for arguments in asked(engine, "take_in")] == ["My GPT-2"])
    engine.reach(state="done")
    qtbot.waitUntil(lambda: [thing.key for thing in library.wall.selected()] == ["model:model:taken"])
    assert library.detail.isVisible()
    assert library.detail.title.text() == "My GPT-2"
    assert told(window) == [("info", "My GPT-2 is in the Library. Largest difference from torch: 1.2e-06.", "")]
    qtbot.waitUntil(lambda: not engine.coming and not window.strip._intake.isVisible())


def test_that_it_arrives_while_the_user_is_elsewhere(
    take, library: LibraryPlace, engine: FakeEngine, window: MainWindow, qtbot: QtBot
) -> None:
    take()
    library.opening_panel.close_button.click()
    assert engine.coming
    window.show_place("settings")
    engine.reach(state="done")
    qtbot.waitUntil(lambda: bool(told(window)))
    assert "gpt2 is in the Library" in told(window)[0][1]


def test_that_cancelling_ends_it_in_the_engine_and_asks_anew(
    take, library: LibraryPlace, engine: FakeEngine, window: MainWindow, qtbot: QtBot
) -> None:
    take()
    (id,) = engine.coming
    library.opening_panel.progress.cancel_button.click()
    assert library.opening_panel.whereabouts.isVisible()
    qtbot.waitUntil(lambda: asked(engine, "drop") == [(id,)])
    qtbot.waitUntil(lambda: not window.strip._intake.isVisible())


def test_that_the_strip_can_end_it_too(take, library: LibraryPlace, engine: FakeEngine, window: MainWindow, qtbot: QtBot) -> None:
    take()
    window.strip._intake.button.click()
    qtbot.waitUntil(lambda: not engine.coming)
    qtbot.waitUntil(library.opening_panel.whereabouts.isVisible)
    assert not window.strip._intake.isVisible()


def test_that_cancelling_before_the_engine_answered_leaves_nothing_behind(
    library: LibraryPlace, engine: FakeEngine, qtbot: QtBot
) -> None:
    library.open_button.click()
    library.opening_panel.whereabouts.choose("/models/gpt2")
    library.opening_panel.progress.cancel_button.click()
    qtbot.waitUntil(lambda: len(asked(engine, "drop")) == 1)
    assert not engine.coming
    assert library.opening_panel.whereabouts.isVisible()


def test_that_what_cannot_be_opened_is_one_sentence_with_details(
    library: LibraryPlace, engine: FakeEngine, window: MainWindow, qtbot: QtBot
) -> None:
    library.open_button.click()
    where = library.opening_panel.whereabouts
    QTest.keyClicks(where.name, "owner/model")
    QTest.keyClick(where.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: library.opening.intake is not None)
    engine.reach(state="failed", error="There is no model 'owner/model' on the hub.", details=TRACE)
    qtbot.waitUntil(lambda: told(window) == [("error", "There is no model 'owner/model' on the hub.", TRACE)])
    assert where.isVisible()
    assert where.name.text() == "owner/model"
    assert QApplication.activeModalWidget() is None


def test_that_a_failed_import_can_be_tried_again(
    take, library: LibraryPlace, engine: FakeEngine, window: MainWindow, qtbot: QtBot
) -> None:
    take()
    engine.reach(state="failed", error="The computer ran out of memory.", details=TRACE)
    qtbot.waitUntil(lambda: told(window) == [("error", "The computer ran out of memory.", TRACE)])
    shown = library.opening_panel.sight
    assert shown.isVisible()
    shown.take_button.click()
    qtbot.waitUntil(lambda: len(asked(engine, "take_in")) == 2)


@pytest.mark.parametrize("count", [1, 2])
def test_that_one_dropped_folder_is_looked_at(
    library: LibraryPlace, engine: FakeEngine, qtbot: QtBot, tmp_path: Path, count: int
) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path))] * count)
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    middle = library.rect().center()
    entering = QDragEnterEvent(middle, Qt.DropAction.CopyAction, data, buttons, keys)
    entering.ignore()
    QApplication.sendEvent(library, entering)
    assert entering.isAccepted() == (count == 1)
    assert library._mark.isVisible() == (count == 1)
    QApplication.sendEvent(library, QDropEvent(QPointF(middle), Qt.DropAction.CopyAction, data, buttons, keys))
    assert not library._mark.isVisible()
    if count == 1:
        qtbot.waitUntil(lambda: asked(engine, "look_at") == [(Reference(name=str(tmp_path)),)])
    assert library.opening_panel.isVisible() == (count == 1)


def test_that_another_model_waits_its_turn(take, library: LibraryPlace, engine: FakeEngine, window: MainWindow) -> None:
    take()
    library.opening.look_at(Reference(name="/models/other"))
    assert len(engine.coming) == 1
    assert told(window)[0][1].startswith("A model is being taken in already.")


def test_that_a_lost_engine_lets_the_panel_ask_anew(take, library: LibraryPlace, engine: FakeEngine, qtbot: QtBot) -> None:
    take()
    engine.coming.clear()
    threading.Thread(target=engine.on_lost, args=("The engine crashed.",)).start()
    qtbot.waitUntil(library.opening_panel.whereabouts.isVisible)


@pytest.mark.parametrize(
    ("run", "dataset", "source"),
    [
        ("", "owner/model@607a30d783dfa663caf39e06633721c8d4cfcd7e", ("owner/model", "607a30d7")),
        ("", "/home/ada@work/gpt2", ("gpt2", "")),
        ("run-1", "shakespeare@bpe512", ("", "")),
    ],
)
def test_that_a_source_is_told_in_a_few_letters(run: str, dataset: str, source: tuple[str, str]) -> None:
    assert foreign_source(MODELS[0].card.model_copy(update={"run": run, "dataset": dataset})) == source
