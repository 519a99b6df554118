"""Tiles generate from one seed, follow their sliders, and move through their trajectories together."""

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from studio.api.params import Parameter
from studio.api.sampler import Plan
from studio.api.space import Signature, Views
from studio.engine.engine import ExecutionDone, Listener, ModelInfo, NodeDone, NodeFailed
from studio.engine.graph.document import Graph
from studio.engine.rendering import Rendering
from studio.ui.arena import recipe
from studio.ui.arena.place import ArenaPlace
from studio.ui.arena.recipe import Wish
from studio.ui.arena.tile import Tile
from studio.ui.arena.tools import Tools
from studio.ui.fields import NumberField
from studio.ui.main_window import MainWindow
from tests.ui.fake_engine import MODELS, SIDE, FakeEngine, verse


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
    arena._tools._seed.clear()
    qtbot.keyClicks(arena._tools._seed, "7")
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
    arena._tools.data.setCurrentIndex(arena._tools.data.findData("shakespeare"))
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


def test_that_a_prompt_is_expanded_first_where_the_model_was_trained_on_full_captions() -> None:
    text = MODELS[3].card
    expander = text.samplers[0].model_copy(update={"name": "expand_prompt"})
    full = MODELS[3].model_copy(update={"card": text.model_copy(update={"samplers": (*text.samplers, expander)})})
    graph = recipe.generate(full, Wish(3, prompt="To be"))
    ends = {(link.source, link.target) for link in graph.links if link.input in ("prompt", "text")}
    assert ends == {("prompt", "expand_prompt"), ("expand_prompt", "sample")}


def scene() -> ModelInfo:
    """A scene that is seen from any camera, in colour or as depth."""
    numbers = {"azimuth": (0, -360, 360), "elevation": (30, -90, 90), "distance": (4, 0.4, 16), "spread": (1, 0, 1)}
    controls = (
        Parameter(name="steps", kind="integer", default=64, help="", minimum=1, maximum=64),
        *(
            Parameter(name=name, kind="number", default=float(value), help="", minimum=float(low), maximum=float(high))
            for name, (value, low, high) in numbers.items()
        ),
    )
    sampler = MODELS[0].card.samplers[0].model_copy(update={"controls": controls, "plan": Plan(steps="steps")})
    space = Views(height=SIDE, width=SIDE, focal=40.0)
    update = {
        "signature": Signature(space=space), "title": "Scene",
        "samplers": (sampler, sampler.model_copy(update={"name": "depth"})),
    }  # fmt: skip
    return MODELS[0].model_copy(update={"card": MODELS[0].card.model_copy(update=update), "reference": "starter:scene"})


@pytest.fixture
def tile(qtbot: QtBot, window: MainWindow, engine: FakeEngine) -> Tile:
    made = Tile(window.bridge, scene(), "Still life")
    qtbot.addWidget(made)
    made.resize(320, 420)
    made.show()
    made.generate(0)
    qtbot.waitUntil(lambda: bool(made.frames))
    return made


def shot(engine: FakeEngine) -> dict[str, Any]:
    """What the scene's tile last asked for; other tiles may ask at the same time."""
    asked = [graph for graph in engine.executed if graph.node("model").values["model"] == "starter:scene"]
    return dict(asked[-1].node("sample").values)


def controls(engine: FakeEngine) -> dict[str, Any]:
    return shot(engine)["controls"]


def test_that_a_dragged_camera_is_coarse_while_it_moves_and_sharp_at_rest(qtbot: QtBot, tile: Tile, engine: FakeEngine) -> None:
    view, middle = tile.gallery, QPoint(100, 100)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(view, middle + QPoint(50, 20))
    qtbot.waitUntil(lambda: controls(engine)["azimuth"] == pytest.approx(-30))
    assert controls(engine) | {"spread": 0, "steps": 4} == controls(engine)
    assert controls(engine)["elevation"] == pytest.approx(42)
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.waitUntil(lambda: controls(engine)["steps"] == 64)
    assert controls(engine)["azimuth"] == pytest.approx(-30)


def test_that_a_click_on_a_scene_tells_its_story_and_moves_nothing(qtbot: QtBot, tile: Tile, engine: FakeEngine) -> None:
    before = shot(engine)
    with qtbot.waitSignal(tile.chosen):
        qtbot.mouseClick(tile.gallery, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    assert shot(engine) == before


def test_that_a_scene_can_be_shown_as_depth(qtbot: QtBot, tile: Tile, engine: FakeEngine) -> None:
    assert [tile.wishes._shows.itemText(k) for k in range(tile.wishes._shows.count())] == ["sample", "depth"]
    tile.wishes._shows.setCurrentIndex(1)
    tile.wishes._shows.activated.emit(1)
    qtbot.waitUntil(lambda: shot(engine)["sampler"] == "depth")


def test_that_what_to_keep_away_from_is_a_prompt_of_its_own() -> None:
    text = MODELS[3].card
    port = text.samplers[0].inputs[0].model_copy(update={"name": "negative_prompt", "optional": True})
    sampler = text.samplers[0].model_copy(update={"inputs": (*text.samplers[0].inputs, port)})
    able = MODELS[3].model_copy(update={"card": text.model_copy(update={"samplers": (sampler,)})})
    graph = recipe.generate(able, Wish(3, prompt="To be", negative="not"))
    sources = {link.input: link.source for link in graph.links if link.target == "sample"}
    assert (sources["prompt"], sources["negative_prompt"]) == ("prompt", "negative")
    assert graph.node("negative").values == {"text": "not"}
    assert "negative" not in {node.id for node in recipe.generate(MODELS[3], Wish(3, prompt="To be", negative="not")).nodes}


def test_that_one_prompt_reaches_every_tile_that_reads_words(qtbot: QtBot, arena: ArenaPlace, engine: FakeEngine) -> None:
    before = len(engine.executed)
    arena._tools.prompt.textEdited.emit("To be")
    qtbot.waitUntil(lambda: len(engine.executed) > before)
    qtbot.wait(50)
    assert [values(graph, "prompt")["text"] for graph in engine.executed[before:]] == ["To be"]
    assert arena.tiles["starter:gpt"].wishes.prompt == "To be"


def test_that_the_common_prompt_is_offered_where_several_read_it(qtbot: QtBot) -> None:
    tools = Tools()
    qtbot.addWidget(tools)
    tools.offer_prompt(1)
    assert tools.prompt.isHidden()
    tools.offer_prompt(2)
    assert not tools.prompt.isHidden()


def test_that_a_tile_shows_what_its_prompt_was_expanded_to(qtbot: QtBot, arena: ArenaPlace, engine: FakeEngine) -> None:
    tile = arena.tiles["starter:gpt"]
    expansion = Rendering(kind="texts", count=1, texts=("a red apple, food, round",))

    def expand(graph: Graph, targets: list[str], listener: Listener) -> str:
        listener(NodeDone(node="expand_prompt", seconds=0, cached=False, rendering=expansion))
        listener(NodeDone(node="sample", seconds=0, cached=False, rendering=verse(1)))
        listener(ExecutionDone(seconds=0))
        return "x"

    engine.execute = expand  # type: ignore[method-assign]
    tile.ask("apple")
    qtbot.waitUntil(tile._note.isVisible)
    assert tile._note.text() == "Read as: a red apple, food, round"


def test_that_the_header_makes_room_for_the_common_prompt(qtbot: QtBot, arena: ArenaPlace) -> None:
    tools = arena._tools
    narrow = tools.width()
    tools.offer_prompt(2)
    qtbot.waitUntil(lambda: tools.width() >= narrow + tools.prompt.width())
    assert tools.prompt.geometry().right() < tools.data.geometry().left()
