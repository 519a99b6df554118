"""Run by test_path on a screen of its own: data to model to arena to graph, with pointer and keys alone.

Usage: python -m tests.ui.path_script FOLDER-FOR-PICTURES
"""

import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from studio.engine.engine import RunInfo
from studio.ui import app
from studio.ui.arena.place import ArenaPlace
from studio.ui.fields import NumberField
from studio.ui.graph.place import GraphPlace
from studio.ui.library.place import LibraryPlace
from studio.ui.main_window import MainWindow
from studio.ui.train.place import TrainPlace
from tests.ui.driving import Hand, button

PATIENCE = 240.0


def walk(window: MainWindow, hand: Hand) -> None:
    """The whole path."""
    see_the_arena(window, hand)
    first = train(window, hand, "vae", "vae", 60)
    show_in_arena(window, hand, first)
    open_as_graph(window, hand)
    edit_by_hand(window, hand)
    second = train(window, hand, "gan", "dcgan", 40)
    compare(window, hand, [first, second])
    look_at_the_rest(window, hand)


def see_the_arena(window: MainWindow, hand: Hand) -> None:
    arena = place(window, hand, "arena", ArenaPlace)
    hand.wait(lambda: window.strip._engine.words == "engine ready", "the engine answers", PATIENCE)
    starters = [model for model in answer(window, hand, "models") if model.starter]
    hand.wait(lambda: len(arena.tiles) == len(starters), "a tile for each starter model", PATIENCE)
    hand.wait(lambda: all(tile.frames for tile in arena.tiles.values()), "every tile has samples", PATIENCE)
    hand.shoot("arena")
    no_errors(window)


def train(window: MainWindow, hand: Hand, family: str, method: str, steps: int) -> RunInfo:
    hand.press("ctrl+2")
    train = place(window, hand, "train", TrainPlace)
    if train.view.shrink.isVisible():
        hand.click(train.view.shrink)
    keys = train.data.rows.keys
    hand.wait(lambda: "eight_gaussians" in keys() and train.methods.cards, "data and methods are listed")
    hand.click_row(train.data.rows, keys().index("eight_gaussians"))
    hand.wait(lambda: train._kind == "points", "the data was looked at")
    hand.click(train.methods.filters[family])
    hand.wait(lambda: not train.methods.cards[method].visibleRegion().isEmpty(), f"the family {family} alone is listed")
    hand.click(train.methods.cards[method], QPoint(80, 20))
    hand.wait(lambda: train.methods.cards[method].selected, f"{method} is chosen")
    type_number(hand, train.setup.budget.field("steps"), steps)
    request = train.setup.request()
    assert request is not None
    assert (request.method, request.dataset, request.budget.steps) == (method, "eight_gaussians", steps)
    hand.wait(train.setup.estimate_line.text, "an estimate", PATIENCE)
    hand.shoot(f"{method} before the start")
    return see_it_train(window, hand, train, set(train.runs))


def see_it_train(window: MainWindow, hand: Hand, train: TrainPlace, before: set[str]) -> RunInfo:
    hand.click(train.setup.start)
    hand.wait(lambda: set(train.runs) - before, "the run is listed")
    (id,) = set(train.runs) - before
    hand.wait(lambda: train.runs[id].step > 0 or train.runs[id].state not in ("queued", "running"), "a step", PATIENCE)
    hand.shoot(f"{train.runs[id].request.method} running")
    hand.wait(lambda: train.runs[id].state not in ("queued", "running"), "the run ends", PATIENCE)
    run = train.runs[id]
    hand.shoot(f"{run.request.method} done")
    assert run.state == "done", run
    assert run.step == run.request.budget.steps
    assert run.model in [model.reference for model in answer(window, hand, "models")]
    hand.wait(train.view.film.shown, "previews")
    no_errors(window)
    return run


def show_in_arena(window: MainWindow, hand: Hand, run: RunInfo) -> None:
    train = place(window, hand, "train", TrainPlace)
    hand.click(train.view.show_it)
    arena = place(window, hand, "arena", ArenaPlace)
    assert run.model
    hand.wait(lambda: run.model in arena.tiles and arena.tiles[run.model].frames, "a tile with samples", PATIENCE)
    rendering = arena.tiles[run.model].frames[-1]
    assert (rendering.kind, rendering.count) == ("points", 400)
    hand.wait(lambda: not arena.tiles[run.model].visibleRegion().isEmpty(), "the tile is seen")
    hand.shoot("the new tile")
    hand.click(arena.tiles[run.model].gallery)
    hand.wait(arena.story.isVisible, "the story")
    hand.shoot("the story")
    no_errors(window)


def open_as_graph(window: MainWindow, hand: Hand) -> None:
    arena = place(window, hand, "arena", ArenaPlace)
    hand.click(button(arena.story, "Open as graph"))
    graph = place(window, hand, "graph", GraphPlace)
    hand.wait(lambda: phase(graph, "sample") in ("done", "failed"), "the sample node ran", PATIENCE)
    hand.shoot("graph")
    shows_points(graph, 400)
    no_errors(window)


def edit_by_hand(window: MainWindow, hand: Hand) -> None:
    graph = place(window, hand, "graph", GraphPlace)
    sheet = graph.sheet()
    click_node(hand, graph, "noise")
    hand.wait(lambda: sheet.inspector.node == "noise", "the inspector follows")
    assert sheet.inspector.form.plain is not None
    before = sheet.running.outcomes["sample"].rendering
    type_number(hand, sheet.inspector.form.plain.field("seed"), 1234)
    hand.wait(lambda: phase(graph, "sample") == "done" and sheet.running.outcomes["sample"].rendering != before, "another sample")
    hand.shoot("another seed")
    click_node(hand, graph, "noise")
    hand.press("Delete")
    hand.wait(lambda: nodes(graph) == {"model", "sample"}, "the node is gone")
    hand.press("ctrl+z")
    hand.wait(lambda: nodes(graph) == {"model", "noise", "sample"}, "the node is back")
    hand.press("ctrl+shift+z")
    hand.wait(lambda: nodes(graph) == {"model", "sample"}, "the node is gone again")
    hand.press("ctrl+z", "ctrl+Return")
    hand.wait(lambda: not sheet.running.busy and phase(graph, "sample") == "done", "the graph ran once more", PATIENCE)
    hand.shoot("after undo and redo")
    shows_points(graph, 400)
    no_errors(window)


def compare(window: MainWindow, hand: Hand, runs: list[RunInfo]) -> None:
    hand.press("ctrl+4")
    library = place(window, hand, "library", LibraryPlace)
    keys = [f"run:{run.id}" for run in runs]
    hand.wait(lambda: set(keys) <= {thing.key for thing in library.wall.things() if thing.model}, "both runs and their models")
    hand.wait(lambda: all(library.thumbnails.of(thing) for thing in library.wall.things()), "their pictures", PATIENCE)
    order = [thing.key for thing in library.wall.things()]
    hand.click_row(library.wall, order.index(keys[0]))
    hand.shoot("library")
    hand.click_row(library.wall, order.index(keys[1]), holding="ctrl")
    hand.wait(lambda: {thing.key for thing in library.wall.selected()} == set(keys), "both are selected")
    hand.shoot("both selected")
    hand.click(library.detail.buttons["compare"])
    graph = place(window, hand, "graph", GraphPlace)
    hand.wait(lambda: phase(graph, "compare") in ("done", "failed", "skipped"), "the comparison ran", PATIENCE)
    hand.shoot("compared")
    for node in ("sample", "sample-2", "compare"):
        outcome = graph.sheet().running.outcomes[node]
        assert outcome.phase == "done", (node, outcome.error)
        assert outcome.rendering is not None, node
    no_errors(window)


def look_at_the_rest(window: MainWindow, hand: Hand) -> None:
    for key, name in (("ctrl+5", "plugins"), ("ctrl+6", "settings"), ("ctrl+1", "arena")):
        hand.press(key)
        hand.wait(lambda name=name: window.current == name, f"{name} is shown")
        hand.rest(1500)
        hand.shoot(name)
    no_errors(window)


def place(window: MainWindow, hand: Hand, name: str, kind: type[Any]) -> Any:
    hand.wait(lambda: window.current == name, f"{name} is shown")
    found = window.places[name]
    assert isinstance(found, kind)
    return found


def answer(window: MainWindow, hand: Hand, call: str) -> Any:
    """What the engine says, asked as the window asks it."""
    said: list[Any] = []
    window.bridge.ask(call, said.append)
    hand.wait(lambda: said, f"the engine answers {call}", PATIENCE)
    return said[0]


def type_number(hand: Hand, field: object, value: int) -> None:
    assert isinstance(field, NumberField)
    hand.click(field.edit)
    hand.press("ctrl+a")
    hand.type(str(value))
    hand.wait(lambda: field.value() == value, f"{value} is typed")


def click_node(hand: Hand, graph: GraphPlace, id: str) -> None:
    sheet = graph.sheet()
    item = sheet.scene.nodes[id]
    hand.click(sheet.canvas.viewport(), sheet.canvas.mapFromScene(item.pos()) + QPoint(60, 12))
    hand.wait(lambda: sheet.scene.selected() == [id], f"{id} is selected")


def nodes(graph: GraphPlace) -> set[str]:
    return {node.id for node in graph.sheet().editing.graph.nodes}


def phase(graph: GraphPlace, node: str) -> str:
    outcome = graph.sheet().running.outcomes.get(node)
    return outcome.phase if outcome else ""


def shows_points(graph: GraphPlace, count: int) -> None:
    outcome = graph.sheet().running.outcomes["sample"]
    assert outcome.phase == "done", outcome.error
    assert outcome.rendering is not None
    assert (outcome.rendering.kind, outcome.rendering.count) == ("points", count)


def no_errors(window: MainWindow) -> None:
    assert [notice.text for notice in window.notices.shown() if notice.level == "error"] == []


def main(folder: Path) -> int:
    """Open the window, walk, close; 0 where everything was as it should be."""
    application = QApplication([sys.argv[0]])
    window = app.open_window(application, app.start_engine)
    hand = Hand(folder)
    trouble = _gather_trouble()
    try:
        walk(window, hand)
    except BaseException:
        hand.shoot("where it ended")
        raise
    finally:
        window.close()
        window.bridge.close()
    return bool(trouble)


def _gather_trouble() -> list[str]:
    """Whatever is raised anywhere, in a slot or a thread too, is written out and counted."""
    trouble: list[str] = []

    def tell(error: BaseException | None) -> None:
        trouble.append("".join(traceback.format_exception(error)))
        sys.stderr.write(trouble[-1])

    sys.excepthook = lambda kind, error, trace: tell(error)
    threading.excepthook = lambda told: tell(told.exc_value)
    return trouble


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
