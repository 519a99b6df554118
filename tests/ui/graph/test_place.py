"""The Graph place: runs, errors, files, tabs and what survives a crash."""

import json
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.engine.graph.document import Graph, GraphNode, Link
from studio.engine.graph.files import load
from studio.ui import theme
from studio.ui.graph.node_painting import caption_of
from studio.ui.graph.place import GraphPlace
from studio.ui.graph.session import session_file
from studio.ui.library import compositions as library
from tests.ui.graph.demo import demo
from tests.ui.graph.playing import TYPES


def opened(desk, live: bool = False, graph: Graph | None = None):
    desk.place.open_graph(graph or demo(), "Demo")
    sheet = desk.place.sheet()
    sheet.running.set_live(live)
    return sheet


def outcome(sheet, id: str):
    return sheet.scene.nodes[id].outcome


def test_that_run_shows_results_and_times_inside_the_nodes(desk, qtbot) -> None:
    sheet = opened(desk)
    QTest.mouseClick(desk.place.toolbar.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: outcome(sheet, "save_image").phase == "done")
    assert not sheet.scene.nodes["sample"].picture.isNull()
    assert caption_of(sheet.scene.nodes["sample"]) == ("12 ms · CPU", "dim")
    assert caption_of(sheet.scene.nodes["model"]) == ("12 ms · cached", "dim")
    assert desk.engine.targets == [[]]


def test_that_a_failing_node_says_its_sentence_and_others_run_on(desk, qtbot) -> None:
    sheet = opened(desk)
    sentence = "The model takes latents of shape (4, 8, 8). Link noise that was drawn for it."
    desk.engine.failures["sample-2"] = sentence
    sheet.run()
    qtbot.waitUntil(lambda: outcome(sheet, "save_image").phase == "skipped")
    assert caption_of(sheet.scene.nodes["sample-2"]) == (sentence, "bad_text")
    assert caption_of(sheet.scene.nodes["grid"])[0] == "not run: Sample 2 failed"
    assert outcome(sheet, "sample").phase == "done"
    sheet.scene.select(["sample-2"])
    trouble = sheet.inspector.trouble
    assert trouble.isVisible()
    assert trouble.sentence.text() == sentence
    trouble.fold.click()
    assert trouble.details.isVisible()
    assert "Traceback" in trouble.details.toPlainText()


def test_that_run_to_this_node_asks_for_it_alone(desk, qtbot) -> None:
    sheet = opened(desk)
    sheet.scene.select(["sample"])
    desk.place.toolbar.run_to.click()
    qtbot.waitUntil(lambda: outcome(sheet, "sample").phase == "done")
    assert desk.engine.targets == [["sample"]]
    assert outcome(sheet, "grid").phase == "idle"


def test_that_an_edit_runs_by_itself_without_side_effects(desk, qtbot) -> None:
    sheet = opened(desk, live=True)
    qtbot.waitUntil(lambda: len(desk.engine.targets) == 1 and not sheet.running.busy)
    assert set(desk.engine.targets[0]) == {node.id for node in demo().nodes} - {"save_image"}
    sheet.editing.set_value("noise", "seed", 9)
    qtbot.waitUntil(lambda: len(desk.engine.targets) == 2)
    assert desk.engine.executed[-1].node("noise").values["seed"] == 9


def test_that_moving_a_node_does_not_run_the_graph(desk, qtbot) -> None:
    sheet = opened(desk, live=True)
    qtbot.waitUntil(lambda: len(desk.engine.targets) == 1 and not sheet.running.busy)
    sheet.editing.move({"noise": (5.0, 5.0)})
    qtbot.wait(400)
    assert len(desk.engine.targets) == 1


def test_that_of_many_edits_while_it_runs_only_the_latest_runs(desk, qtbot) -> None:
    sheet = opened(desk)
    desk.engine.hold = True
    sheet.running.set_live(True)
    qtbot.waitUntil(lambda: len(desk.engine.executed) == 1)
    for seed in range(20, 25):
        sheet.editing.set_value("noise", "seed", seed)
        sheet.running.run_live()
    desk.engine.hold = False
    qtbot.waitUntil(lambda: len(desk.engine.executed) == 2 and not sheet.running.busy)
    assert desk.engine.stopped == ["execution1"] * len(desk.engine.stopped)
    assert desk.engine.executed[-1].node("noise").values["seed"] == 24


def test_that_an_incomplete_node_says_what_it_needs_and_is_left_alone(desk, qtbot) -> None:
    sheet = opened(desk, live=True, graph=Graph(nodes=(GraphNode(id="grid", type="grid"),)))
    qtbot.wait(300)
    assert desk.engine.executed == []
    assert caption_of(sheet.scene.nodes["grid"]) == ("needs a", "dim")


def test_that_stop_ends_the_execution(desk, qtbot) -> None:
    sheet = opened(desk)
    desk.engine.hold = True
    sheet.run()
    qtbot.waitUntil(lambda: sheet.running.busy and bool(desk.engine.executed))
    qtbot.waitUntil(desk.place.toolbar.stop.isEnabled)
    desk.place.toolbar.stop.click()
    qtbot.waitUntil(lambda: not sheet.running.busy)
    assert desk.engine.stopped == ["execution1"]


def test_that_the_inspector_says_why_a_node_ran_again(desk, qtbot) -> None:
    sheet = opened(desk)
    sheet.scene.select(["sample"])
    sheet.run()
    qtbot.waitUntil(lambda: outcome(sheet, "sample").phase == "done")
    assert sheet.inspector.reason.text() == "Ran again because seed changed."
    assert sheet.inspector.facts.text() == "Took 12 ms on CPU."
    assert sheet.inspector.result.rendering is not None


def test_that_inputs_can_be_linked_with_the_keyboard_alone(desk) -> None:
    sheet = opened(desk)
    sheet.scene.select(["sample-2"])
    choice = sheet.inspector.inputs.choices["label"]
    assert [choice.itemText(row) for row in range(choice.count())] == ["not linked", "Label"]
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Down)
    assert Link(source="label", output="label", target="sample-2", input="label") in sheet.editing.graph.links


def test_that_the_form_edits_the_node_and_follows_undo(desk) -> None:
    sheet = opened(desk)
    sheet.scene.select(["noise"])
    field = sheet.inspector.form.plain.field("seed")
    field.edit.setFocus()
    field.edit.selectAll()
    QTest.keyClicks(field.edit, "42")
    assert sheet.editing.graph.node("noise").values["seed"] == 42
    sheet.editing.undo()
    assert field.value() == 7


def test_that_the_cursor_stays_in_the_form_while_a_value_is_typed(desk, qtbot) -> None:
    sheet = opened(desk)
    sheet.scene.select(["noise"])
    sheet.window().activateWindow()
    qtbot.waitUntil(sheet.window().isActiveWindow)
    field = sheet.inspector.form.plain.field("seed")
    field.edit.setFocus()
    field.edit.selectAll()
    for digit in "1234":
        qtbot.keyClick(QApplication.focusWidget(), digit)
    assert field.edit.hasFocus()
    assert sheet.editing.graph.node("noise").values["seed"] == 1234


def test_that_a_graph_from_another_place_is_named_after_its_model(desk, qtbot) -> None:
    model = desk.engine.models()[0]
    desk.place.models = []
    desk.place.receive(library.opened(model))
    assert desk.place.sheet().title == "Untitled"
    desk.place.entered()
    qtbot.waitUntil(lambda: desk.place.sheet().title == model.card.title)


def test_that_models_samplers_classes_and_controls_come_from_the_chosen_model(desk) -> None:
    sheet = opened(desk)
    sheet.scene.select(["model"])
    models = sheet.inspector.form.choices["model"].list
    assert {models.itemData(row) for row in range(models.count())} == {
        "starter:dcgan",
        "starter:ddpm",
        "starter:vae",
        "starter:gpt",
    }
    sheet.scene.select(["label"])
    classes = sheet.inspector.form.choices["label"].list
    assert [classes.itemText(row) for row in range(classes.count())] == ["any class", "smileys", "animals", "food"]
    sheet.scene.select(["sample"])
    assert set(sheet.inspector.form.controls["controls"].values()) == {"steps", "guidance_scale"}
    sheet.editing.set_value("model", "model", "starter:vae")
    assert set(sheet.inspector.form.controls["controls"].values()) == {"temperature"}


def test_that_a_saved_graph_opens_unchanged_with_unknown_nodes(desk, qtbot, tmp_path: Path) -> None:
    stranger = GraphNode(id="x", type="stranger.blur", values={"radius": 2.5, "deep": {"a": [1, None]}}, position=(1.5, 700.0))
    graph = demo().add(stranger).connect(Link(source="grid", output="image", target="x", input="in"))
    sheet = opened(desk, graph=graph)
    assert desk.place.tabs.bar.tabText(0) == "Demo •"
    desk.place.filing.write(sheet, tmp_path / "mine.json")
    qtbot.waitUntil(lambda: sheet.editing.is_saved)
    assert desk.place.tabs.bar.tabText(0) == "mine"
    desk.place.filing.open(tmp_path / "mine.json")
    qtbot.waitUntil(lambda: len(desk.place.sheets()) == 2)
    assert desk.place.sheet().editing.graph == graph == load(tmp_path / "mine.json")
    assert desk.place.sheet().editing.is_saved


def test_that_a_file_that_is_no_graph_is_told_and_opens_nothing(desk, qtbot, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"nodes": NaN}')
    desk.place.filing.open(tmp_path / "bad.json")
    qtbot.waitUntil(lambda: bool(desk.told))
    assert desk.told[0][0] == "error"
    assert "bad.json" in desk.told[0][1]
    assert len(desk.place.sheets()) == 1


def test_that_nothing_is_lost_when_the_window_dies(desk, qtbot) -> None:
    sheet = opened(desk)
    sheet.editing.set_value("noise", "seed", 77)
    qtbot.waitUntil(lambda: session_file().exists() and "77" in session_file().read_text())
    again = GraphPlace(desk.bridge)
    qtbot.addWidget(again)
    qtbot.waitUntil(lambda: bool(again.sheet().editing.graph.nodes))
    assert again.sheet().editing.graph == sheet.editing.graph
    assert again.sheet().title == "Demo"
    assert not again.sheet().editing.is_saved
    again.finish()


def test_that_a_damaged_session_is_put_aside_and_told(desk, qtbot) -> None:
    session_file().parent.mkdir(parents=True, exist_ok=True)
    session_file().write_text("{" * 100)
    again = GraphPlace(desk.bridge)
    qtbot.addWidget(again)
    told: list[str] = []
    again.told.connect(lambda level, words, details: told.append(words))
    qtbot.waitUntil(lambda: bool(told))
    assert "put aside" in told[0]
    assert session_file().with_suffix(".damaged.json").read_text() == "{" * 100
    again.finish()


def test_that_a_session_file_holds_only_data(desk, qtbot) -> None:
    opened(desk)
    qtbot.waitUntil(session_file().exists)
    kept = json.loads(session_file().read_text())
    assert kept["version"] == 1
    assert json.loads(kept["tabs"][0]["graph"])["nodes"][0]["type"] == "model"


def test_that_a_closed_graph_can_be_opened_again(desk) -> None:
    opened(desk)
    desk.place.tabs.closed.emit(0)
    assert desk.place.sheet().untouched
    assert "Ctrl+Shift+T" in desk.told[-1][1]
    desk.place._reopen()
    assert desk.place.sheet().editing.graph == demo()


def test_that_an_empty_graph_teaches_and_its_button_loads_an_example(desk, qtbot) -> None:
    sheet = desk.place.sheet()
    assert sheet._teaching.isVisible()
    sheet.example_wanted.emit()
    shown = desk.place.sheet()
    types = [node.type for node in shown.editing.graph.nodes]
    assert types.count("sample") == 2
    assert not any(item.face.lacking for item in shown.scene.nodes.values())
    assert not shown._teaching.isVisible()


def test_that_a_change_of_theme_repaints_nodes(desk, qapp) -> None:
    sheet = opened(desk)
    sheet.canvas.fit()
    QApplication.processEvents()
    dark = sheet.canvas.grab().toImage()
    theme.apply(qapp, "light")
    QApplication.processEvents()
    assert sheet.canvas.grab().toImage().pixelColor(5, 5).lightness() > 200
    assert dark.pixelColor(5, 5).lightness() < 40


def test_that_node_types_that_arrive_later_bring_placeholders_to_life(desk, qtbot) -> None:
    sheet = opened(desk, graph=Graph(nodes=(GraphNode(id="x", type="stranger.blur"),)))
    assert sheet.scene.nodes["x"].face.missing
    desk.engine.types = [*TYPES, TYPES[0].model_copy(update={"id": "stranger.blur", "title": "Blur"})]
    desk.place.entered()
    qtbot.waitUntil(lambda: not sheet.scene.nodes["x"].face.missing)
    assert sheet.scene.nodes["x"].face.title == "Blur"
