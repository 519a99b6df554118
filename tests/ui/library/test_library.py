"""The Library place: what is on the wall, how it is filtered, where it comes from, and what can be done with it."""

import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from studio.api.errors import StudioError
from studio.engine.engine import ModelInfo
from studio.engine.graph.document import Graph
from studio.engine.models.names import CARD
from studio.home import home
from studio.ui import theme
from studio.ui.graph.catalog import Catalog
from studio.ui.graph.linking import refusal
from studio.ui.library.compositions import compared, opened
from studio.ui.library.exporting import export_model
from studio.ui.library.lineage import lineage
from studio.ui.library.numbers import numbers
from studio.ui.library.picture_file import small_picture
from studio.ui.library.place import LibraryPlace
from studio.ui.library.things import Wanted, gather, told_date
from tests.ui.fake_engine import METHODS, MODELS
from tests.ui.graph.playing import TYPES, PlayingEngine, bridge_to
from tests.ui.library.shelf import fill, save_picture


@pytest.fixture
def engine() -> PlayingEngine:
    made = PlayingEngine()
    fill(made)
    return made


@pytest.fixture
def place(engine, qtbot, qapp):
    theme.apply(qapp, "dark")
    bridge = bridge_to(engine)
    made = LibraryPlace(bridge)
    qtbot.addWidget(made)
    made.resize(1300, 800)
    made.show()
    made.entered()
    qtbot.waitUntil(lambda: len(made.things) == 10)
    yield made
    made.left()
    bridge.close()
    qtbot.wait(50)


def things(engine):
    return gather(engine.runs(), engine.models(), engine.pictures(), METHODS)


def thing(engine, key: str):
    return next(thing for thing in things(engine) if thing.key == key)


def test_that_a_run_and_its_model_are_one_thing(engine) -> None:
    found = thing(engine, "run:a1")
    assert found.kinds == {"run", "model"}
    assert found.family == "diffusion"
    assert not any(thing.key == "model:run:a1" for thing in things(engine))


def test_that_the_newest_comes_first_and_starters_last(engine) -> None:
    keys = [thing.key for thing in things(engine)]
    assert keys[1] == "run:b2"
    assert set(keys[-4:]) == {f"model:{model.reference}" for model in MODELS}


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Wanted(), 10),
        (Wanted(kind="run"), 3),
        (Wanted(kind="model"), 5),
        (Wanted(kind="picture"), 3),
        (Wanted(family="vae"), 2),
        (Wanted(data="shakespeare"), 1),
        (Wanted(text="ddpm wider"), 1),
        (Wanted(text="failed"), 1),
        (Wanted(age="today"), 3),
        (Wanted(text="no such thing"), 0),
    ],
)
def test_that_each_filter_keeps_what_it_names(engine, wanted, count) -> None:
    now = time.time()
    assert sum(wanted.passes(thing, now) for thing in things(engine)) == count


def test_that_dates_are_told_as_people_say_them() -> None:
    now = time.time()
    assert [told_date(now - age, now) for age in (5, 120, 7200, 100_000, 300_000)] == [
        "just now",
        "2 min ago",
        "2 h ago",
        "yesterday",
        "3 days ago",
    ]


def test_that_a_picture_leads_back_to_graph_models_runs_and_data(engine) -> None:
    picture = next(thing for thing in things(engine) if thing.picture)
    kinds = [[origin.kind for origin in column] for column in lineage(picture, engine.models())]
    assert kinds == [["picture"], ["graph"], ["model", "model"], ["run", "run"], ["dataset"]]


def test_that_all_numbers_of_a_model_are_told(engine) -> None:
    sections = dict(numbers(thing(engine, "run:a1")))
    assert ("Seed", "0") in sections["Training"]
    assert ("Frechet distance", "9.1") in sections["Quality"]
    assert sections["Time for each sample"] == [("Sample", "12.3 ms")]
    assert sections["Export agrees with torch within"] == [("Sample", "2.1e-06")]
    assert ("Width", "64") in sections["Parameters"]


@pytest.mark.parametrize("graph", [opened(MODELS[1]), compared(MODELS[:2]), compared(MODELS)])
def test_that_graphs_made_of_models_have_only_links_that_fit(graph: Graph) -> None:
    from studio.ui.graph.linking import End

    catalog = Catalog(TYPES)
    for link in graph.links:
        rest = graph.disconnect(link)
        assert refusal(rest, catalog, End(link.source, link.output, True), End(link.target, link.input, False)) is None


def test_that_things_have_pictures_drawn_from_previews_files_and_samples(place, engine, qtbot) -> None:
    wanted = [thing(engine, "run:b2"), thing(engine, "model:starter:vae"), next(t for t in place.things if t.picture)]
    for one in wanted:
        place.thumbnails.of(one)
    qtbot.waitUntil(lambda: all(place.thumbnails.of(one) is not None for one in wanted), timeout=20_000)


def test_that_a_large_model_is_not_loaded_unasked(place, engine, qtbot) -> None:
    large = MODELS[2].model_copy(update={"reference": "model:large", "size": 2**28})
    (shown,) = gather([], [large], [], METHODS)
    with qtbot.waitSignal(place.thumbnails.ready, check_params_cb=lambda key: key == shown.key):
        place.thumbnails.of(shown)
    used = {node.values.get("model") for graph in engine.executed for node in graph.nodes if node.type == "model"}
    assert "starter:vae" in used
    assert "model:large" not in used


def test_that_a_copy_of_a_model_stands_beside_the_run_that_it_came_of(engine) -> None:
    original = next(model for model in engine.models() if model.reference == "run:a1")
    copy = original.model_copy(update={"reference": "model:copy"})
    found = {thing.key: thing for thing in gather(engine.runs(), [original, copy], [], METHODS)}
    assert found["run:a1"].model == original
    assert found["model:model:copy"].model == copy


def test_that_what_was_trained_elsewhere_leads_back_to_its_source(engine) -> None:
    card = MODELS[3].card.model_copy(update={"run": "", "dataset": "owner/model@607a30d783df"})
    (taken,) = gather([], [ModelInfo(reference="model:taken", card=card, starter=False, size=1)], [], METHODS)
    (first,), (second,) = lineage(taken, [])
    assert (first.kind, second.kind, second.title, second.detail) == ("model", "source", "owner/model", "607a30d7")
    assert taken.data == "owner/model"
    assert "Step" not in dict(dict(numbers(taken))["Model"])


def test_that_the_wall_follows_the_filters(place, qtbot) -> None:
    QTest.mouseClick(place.filters.kinds["picture"], Qt.MouseButton.LeftButton)
    assert len(place.wall.things()) == 3
    assert place.filters.count.text() == "3 of 10"
    QTest.keyClicks(place.filters.words, "zzz")
    qtbot.waitUntil(lambda: not place.wall.things())
    place.filters.reset()
    assert len(place.wall.things()) == 10


def test_that_a_model_opens_in_the_arena_and_as_a_graph(place, qtbot) -> None:
    place.wall.select(["model:starter:ddpm"])
    with qtbot.waitSignal(place.visit) as visited:
        place.detail.buttons["arena"].click()
    assert visited.args == ["arena", "starter:ddpm"]
    with qtbot.waitSignal(place.visit) as visited:
        place.detail.buttons["graph"].click()
    assert visited.args == ["graph", opened(MODELS[1])]


def test_that_a_picture_opens_the_graph_that_made_it(place, engine, qtbot) -> None:
    picture = next(thing for thing in place.things if thing.picture)
    place.wall.select([picture.key])
    assert not place.detail.buttons["arena"].isVisible()
    with qtbot.waitSignal(place.visit) as visited:
        place.detail.buttons["graph"].click()
    assert visited.args == ["graph", picture.picture.graph]


def test_that_two_models_can_be_compared_and_one_cannot(place, qtbot) -> None:
    place.wall.select(["model:starter:ddpm"])
    assert not place.detail.buttons["compare"].isEnabled()
    assert "two to four" in place.detail.buttons["compare"].toolTip()
    place.wall.select(["model:starter:ddpm", "model:starter:vae"])
    with qtbot.waitSignal(place.visit) as visited:
        place.detail.buttons["compare"].click()
    assert {node.values.get("model") for node in visited.args[1].nodes if node.type == "model"} == {"starter:ddpm", "starter:vae"}


def test_that_a_deleted_run_can_be_taken_back(place, engine, qtbot, monkeypatch) -> None:
    calls: list[tuple[str, str]] = []
    monkeypatch.setattr(engine, "delete", lambda run: calls.append(("delete", run)))
    monkeypatch.setattr(engine, "restore", lambda run: calls.append(("restore", run)))
    place.wall.select(["run:c3"])
    QTest.keyClick(place.wall, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: calls == [("delete", "c3")])
    assert place.undo.isVisible()
    place.undo.undo_button.click()
    qtbot.waitUntil(lambda: calls == [("delete", "c3"), ("restore", "c3")])


def test_that_what_is_no_run_cannot_be_deleted(place) -> None:
    place.wall.select(["model:starter:ddpm"])
    assert not place.detail.buttons["delete"].isVisible()


def test_that_a_failed_run_says_why(place) -> None:
    place.wall.select(["run:c3"])
    assert place.detail.trouble.isVisible()
    assert "Lower the learning rate" in place.detail.trouble.text()


def test_that_a_click_in_the_lineage_goes_there(place) -> None:
    picture = next(thing for thing in place.things if thing.picture)
    place.wall.select([picture.key])
    step = next(step for row in place.detail.lineage._rows for step in row if step.origin.kind == "model")
    step.click()
    assert [thing.key for thing in place.wall.selected()] == [step.origin.key]


def test_that_an_exported_model_is_a_copy_under_a_free_name(engine, tmp_path: Path) -> None:
    model = next(model for model in engine.models() if model.reference == "run:a1")
    folder = home() / "runs" / "a1" / "model"
    folder.mkdir(parents=True)
    (folder / CARD).write_text("{}")
    first, second = export_model(model, tmp_path), export_model(model, tmp_path)
    assert first != second
    assert (second / CARD).read_text() == "{}"
    (folder / CARD).unlink()
    with pytest.raises(StudioError, match="run:a1"):
        export_model(model, tmp_path)


def test_that_only_pixels_of_a_picture_file_are_read(tmp_path: Path) -> None:
    import struct
    import zlib

    plain = save_picture("plain", 1).read_bytes()
    bomb = b"x\0\0" + zlib.compress(b"a" * 2**20)
    text = struct.pack(">I", len(bomb)) + b"zTXt" + bomb + struct.pack(">I", zlib.crc32(b"zTXt" + bomb))
    (tmp_path / "bomb.png").write_bytes(plain[:33] + text * 3 + plain[33:])
    image = small_picture(tmp_path / "bomb.png", 188)
    assert (image.width(), image.height()) == (64, 64)
    assert image.textKeys() == []


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n" + b"\0" * 40])
def test_that_a_file_that_is_no_picture_gives_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.png").write_bytes(data)
    assert small_picture(tmp_path / "a.png", 188).isNull()


def test_that_a_picture_of_unbearable_size_gives_none(tmp_path: Path) -> None:
    import struct

    plain = save_picture("plain", 1).read_bytes()
    (tmp_path / "huge.png").write_bytes(plain[:16] + struct.pack(">II", 100_000, 100_000) + plain[24:])
    assert small_picture(tmp_path / "huge.png", 188).isNull()
