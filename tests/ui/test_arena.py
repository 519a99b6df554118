"""Tiles generate from one seed, follow their sliders, and move through their trajectories together."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.engine.engine import ExecutionDone, Listener, NodeFailed
from studio.engine.graph.document import Graph
from studio.ui.arena import recipe
from studio.ui.arena.place import ArenaPlace
from studio.ui.arena.recipe import Wish
from studio.ui.fields import NumberField
from studio.ui.main_window import MainWindow
from tests.ui.fake_engine import MODELS, FakeEngine


@pytest.fixture
def arena(qtbot: QtBot, window: MainWindow) -> ArenaPlace:
    place = window.places["arena"]
    assert isinstance(place, ArenaPlace)
    qtbot.waitUntil(lambda: len(place.tiles) == 4 and all(tile.frames for tile in place.tiles.values()))
    return place


def values(graph: Graph, node: str) -> dict[str, object]:
    return dict(graph.node(node).values)


def test_that_a_dragged_slider_regenerates_and_the_last_value_wins(qtbot: QtBot, arena: ArenaPlace, engine: FakeEngine) -> None:
    tile = arena.tiles["starter:ddpm"]
    editor = tile.form.field("steps")
    assert isinstance(editor, NumberField)
    assert editor.slider is not None
    before = len(engine.executed)
    engine.pace = 0.2
    for steps in range(60, 160):
        editor.slider._move(float(steps))
    qtbot.waitUntil(
        lambda: len(engine.executed) > before and values(engine.executed[-1], "sample")["controls"] == tile.form.values()
    )
    assert values(engine.executed[-1], "sample")["controls"]["steps"] == 159  # type: ignore[index]
    assert len(engine.executed) - before <= 3


def test_that_one_seed_reaches_every_tile(qtbot: QtBot, arena: ArenaPlace, engine: FakeEngine) -> None:
    before = len(engine.executed)
    arena.seed.clear()
    qtbot.keyClicks(arena.seed, "7")
    qtbot.waitUntil(lambda: len(engine.executed) >= before + 4)
    assert [values(graph, "noise")["seed"] for graph in engine.executed[-4:]] == [7] * 4


def test_that_the_scrubber_moves_all_tiles_from_noise_to_sample(arena: ArenaPlace) -> None:
    arena.scrubber.moved.emit(0.0)
    for tile in arena.tiles.values():
        assert tile.gallery.rendering is tile.frames[0]
    arena.scrubber.moved.emit(1.0)
    for tile in arena.tiles.values():
        assert tile.gallery.rendering is tile.frames[-1]


def test_that_the_filter_shows_the_models_of_one_dataset(arena: ArenaPlace) -> None:
    arena.data.setCurrentIndex(arena.data.findData("shakespeare"))
    arena._filter()
    assert [name for name, tile in arena.tiles.items() if tile.isVisibleTo(arena)] == ["starter:gpt"]


def test_that_a_clicked_sample_tells_its_story_and_is_saved(arena: ArenaPlace, tmp_path: Path) -> None:
    tile = arena.tiles["starter:dcgan"]
    tile.gallery._choose(5)
    assert arena.story.isVisible()
    assert arena.story._title.text() == "Sample 6 of DCGAN"
    arena.story.save(str(tmp_path / "one.png"))
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")


def test_that_a_failed_tile_says_why_and_the_others_go_on(
    qtbot: QtBot, window: MainWindow, arena: ArenaPlace, engine: FakeEngine
) -> None:
    tile = arena.tiles["starter:vae"]

    def fail(graph: Graph, targets: list[str], listener: Listener) -> str:
        listener(NodeFailed(node="sample", error="The model file is cut off. Export it again.", traceback="Traceback …"))
        listener(ExecutionDone(seconds=0))
        return "x"

    engine.execute = fail  # type: ignore[method-assign]
    tile.generate(3)
    qtbot.waitUntil(lambda: tile.gallery.rendering is None)
    assert any("cut off" in notice.text for notice in window.notices.shown())
    assert arena.tiles["starter:ddpm"].frames


def test_that_the_recipe_links_what_the_model_takes() -> None:
    plain = recipe.generate(MODELS[0], Wish(3))
    assert {node.type for node in plain.nodes} == {"model", "noise", "sample"}
    labelled = recipe.generate(MODELS[1], Wish(3, {"steps": 20}, label="food"))
    assert labelled.node("label").values == {"label": "food"}
    assert labelled.node("sample").values["every"] == 1
    text = recipe.generate(MODELS[3], Wish(3, prompt="To be"))
    assert text.node("prompt").values == {"text": "To be"}
    both = recipe.together([(MODELS[0], Wish(1)), (MODELS[3], Wish(1))])
    assert len(both.nodes) == 7
    assert len({node.id for node in both.nodes}) == 7
