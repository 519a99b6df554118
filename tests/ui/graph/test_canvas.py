"""The canvas, driven with real mouse and key events."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.engine.graph.document import Graph, GraphNode, Link
from studio.ui.graph.catalog import Catalog
from studio.ui.graph.linking import End
from studio.ui.graph.node_item import NodeItem
from studio.ui.graph.viewing import LARGEST, SMALLEST
from tests.ui.graph.demo import demo
from tests.ui.graph.sketches import into, out

LEFT, MIDDLE, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def sheet(desk):
    """A tab with a model, noise and a sample that are not linked, and an unlinked grid."""
    nodes = (
        GraphNode(id="model", type="model", values={"model": "starter:ddpm"}),
        GraphNode(id="noise", type="noise", position=(300.0, 0.0)),
        GraphNode(id="sample", type="sample", position=(600.0, 0.0)),
        GraphNode(id="grid", type="grid", position=(900.0, 0.0)),
    )
    desk.place.open_graph(Graph(nodes=nodes), "Test")
    sheet = desk.place.sheet()
    sheet.running.set_live(False)
    sheet.canvas.fit()
    return sheet


def at(sheet, end: End) -> QPoint:
    return sheet.canvas.mapFromScene(sheet.scene.port_position(end))


def drag(sheet, start: QPoint, finish: QPoint, button: Qt.MouseButton = LEFT, release: bool = True) -> None:
    view = sheet.canvas.viewport()
    QTest.mousePress(view, button, NONE, start)
    for part in range(1, 6):
        QTest.mouseMove(view, start + (finish - start) * (part / 5))
        QApplication.processEvents()
    if release:
        QTest.mouseRelease(view, button, NONE, finish)


def body(sheet, id: str) -> QPoint:
    return sheet.canvas.mapFromScene(sheet.scene.nodes[id].pos() + QPointF(100, 16))


def test_that_a_drag_from_port_to_port_links_them(sheet) -> None:
    drag(sheet, at(sheet, out("model", "model")), at(sheet, into("noise", "model")))
    assert sheet.editing.graph.links == (Link(source="model", output="model", target="noise", input="model"),)
    assert set(sheet.scene.links) == set(sheet.editing.graph.links)


def test_that_a_drag_from_an_input_back_to_an_output_links_them_too(sheet) -> None:
    drag(sheet, at(sheet, into("sample", "noise")), at(sheet, out("noise", "latent")))
    assert sheet.editing.graph.links == (Link(source="noise", output="latent", target="sample", input="noise"),)


def test_that_a_refused_link_shows_its_reason_near_the_cursor(sheet) -> None:
    drag(sheet, at(sheet, out("model", "model")), at(sheet, into("sample", "noise")), release=False)
    reason = sheet.canvas.reason
    assert reason.isVisible()
    assert reason.text() == "Noise takes a latent, not a model."
    assert (reason.pos() - at(sheet, into("sample", "noise"))).manhattanLength() < 60
    QTest.mouseRelease(sheet.canvas.viewport(), LEFT, NONE, at(sheet, into("sample", "noise")))
    assert sheet.editing.graph.links == ()


def test_that_only_ports_that_fit_light_up(sheet) -> None:
    drag(sheet, at(sheet, out("noise", "latent")), at(sheet, out("noise", "latent")) + QPoint(40, 200), release=False)
    assert sheet.scene.nodes["sample"].lit == {("noise", False)}
    assert sheet.scene.nodes["model"].lit == set()
    sheet.canvas.wiring.cancel()
    assert sheet.scene.nodes["sample"].lit is None


def test_that_a_link_end_dragged_off_disconnects(sheet) -> None:
    sheet.editing.connect(out("model", "model"), into("noise", "model"))
    start = at(sheet, into("noise", "model"))
    drag(sheet, start, start + QPoint(10, 250))
    assert sheet.editing.graph.links == ()
    assert not sheet.canvas.search.isVisible()


def test_that_a_link_end_can_be_moved_to_another_port_in_one_step(sheet) -> None:
    sheet.editing.connect(out("model", "model"), into("noise", "model"))
    drag(sheet, at(sheet, into("noise", "model")), at(sheet, into("sample", "model")))
    assert [link.target for link in sheet.editing.graph.links] == ["sample"]
    sheet.editing.undo()
    assert [link.target for link in sheet.editing.graph.links] == ["noise"]


def test_that_a_link_dropped_on_the_empty_canvas_offers_what_fits_and_comes_linked(sheet) -> None:
    start = at(sheet, out("noise", "latent"))
    drag(sheet, start, start + QPoint(20, 250))
    search = sheet.canvas.search
    assert search.isVisible()
    offered = {search.list.item(row).text() for row in range(search.list.count())}
    assert {"Sample", "Decode", "Interpolate"} <= offered
    assert "Model" not in offered
    QTest.keyClicks(search.field, "interp")
    QTest.keyClick(search.field, Qt.Key.Key_Return)
    assert Link(source="noise", output="latent", target="interpolate", input="a") in sheet.editing.graph.links


@pytest.mark.parametrize("key", [Qt.Key.Key_Tab, Qt.Key.Key_Slash])
def test_that_a_node_is_added_by_search_with_the_keyboard_alone(sheet, key) -> None:
    sheet.canvas.setFocus()
    QTest.keyClick(sheet.canvas, key)
    assert sheet.canvas.search.isVisible()
    QTest.keyClicks(sheet.canvas.search.field, "prompt")
    QTest.keyClick(sheet.canvas.search.field, Qt.Key.Key_Return)
    assert sheet.editing.graph.node("prompt").type == "prompt"
    assert sheet.scene.selected() == ["prompt"]
    assert not sheet.canvas.search.isVisible()


def test_that_a_double_click_adds_where_it_was_made(sheet) -> None:
    spot = QPoint(200, 600)
    QTest.mouseDClick(sheet.canvas.viewport(), LEFT, NONE, spot)
    QTest.keyClicks(sheet.canvas.search.field, "label")
    QTest.keyClick(sheet.canvas.search.field, Qt.Key.Key_Return)
    placed = sheet.editing.graph.node("label").position
    assert placed == sheet.canvas.mapToScene(spot).toTuple()


def test_that_escape_closes_the_search_and_gives_the_focus_back(sheet, qtbot) -> None:
    sheet.window().activateWindow()
    sheet.canvas.setFocus()
    QTest.keyClick(sheet.canvas, Qt.Key.Key_Tab)
    QTest.keyClick(sheet.canvas.search.field, Qt.Key.Key_Escape)
    assert not sheet.canvas.search.isVisible()
    assert sheet.window().focusWidget() is sheet.canvas


def test_that_a_dragged_node_is_one_undo_step(sheet) -> None:
    start = body(sheet, "sample")
    drag(sheet, start, start + QPoint(30, 120))
    assert sheet.editing.graph.node("sample").position != (600.0, 0.0)
    assert sheet.editing.undo_text == "Move 1 node"
    sheet.editing.undo()
    assert sheet.editing.graph.node("sample").position == (600.0, 0.0)
    assert sheet.scene.nodes["sample"].pos() == QPointF(600, 0)


def test_that_links_follow_a_dragged_node(sheet) -> None:
    sheet.editing.connect(out("model", "model"), into("noise", "model"))
    link = sheet.editing.graph.links[0]
    start = body(sheet, "noise")
    drag(sheet, start, start + QPoint(0, 150), release=False)
    item = sheet.scene.links[link]
    assert item.boundingRect().contains(sheet.scene.port_position(into("noise", "model")))
    QTest.mouseRelease(sheet.canvas.viewport(), LEFT, NONE, start + QPoint(0, 150))


def test_that_keys_delete_undo_redo_duplicate_and_move(sheet) -> None:
    canvas, ctrl = sheet.canvas, Qt.KeyboardModifier.ControlModifier
    sheet.scene.select(["grid"])
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    assert sheet.editing.graph.node("grid").position == (924.0, 0.0)
    QTest.keyClick(canvas, Qt.Key.Key_D, ctrl)
    assert sheet.scene.selected() == ["grid-2"]
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert "grid-2" not in sheet.scene.nodes
    QTest.keyClick(canvas, Qt.Key.Key_Z, ctrl)
    assert "grid-2" in sheet.scene.nodes
    QTest.keyClick(canvas, Qt.Key.Key_Z, ctrl | Qt.KeyboardModifier.ShiftModifier)
    assert "grid-2" not in sheet.scene.nodes


def test_that_copied_nodes_paste_into_another_graph(sheet, desk) -> None:
    ctrl = Qt.KeyboardModifier.ControlModifier
    sheet.editing.connect(out("noise", "latent"), into("sample", "noise"))
    sheet.scene.select(["noise", "sample"])
    QTest.keyClick(sheet.canvas, Qt.Key.Key_C, ctrl)
    desk.place.open_graph(demo(), "Other")
    other = desk.place.sheet()
    QTest.keyClick(other.canvas, Qt.Key.Key_V, ctrl)
    assert set(other.scene.selected()) == {"noise-2", "sample-3"}
    assert Link(source="noise-2", output="latent", target="sample-3", input="noise") in other.editing.graph.links


def test_that_pasting_what_is_no_graph_says_so(sheet, desk) -> None:
    QGuiApplication.clipboard().setText("hello")
    QTest.keyClick(sheet.canvas, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "not a graph" in desk.told[-1][1]


def test_that_alt_arrows_walk_from_node_to_node(sheet) -> None:
    sheet.scene.select(["model"])
    QTest.keyClick(sheet.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert sheet.scene.selected() == ["noise"]
    QTest.keyClick(sheet.canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert sheet.scene.selected() == ["model"]


def test_that_a_rubber_band_selects_what_it_touches(sheet) -> None:
    view = sheet.canvas
    start = view.mapFromScene(QPointF(-30, 400))
    drag(sheet, start, view.mapFromScene(QPointF(450, 40)))
    assert set(sheet.scene.selected()) == {"model", "noise"}


def test_that_the_wheel_zooms_about_the_cursor_within_limits(sheet) -> None:
    canvas, spot = sheet.canvas, QPoint(300, 250)
    before = canvas.mapToScene(spot)

    def turn(notches: int) -> None:
        event = QWheelEvent(
            QPointF(spot), QPointF(canvas.viewport().mapToGlobal(spot)), QPoint(), QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton, NONE, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(canvas.viewport(), event)

    turn(2)
    assert (canvas.mapToScene(spot) - before).manhattanLength() < 2 / canvas.scale_factor
    turn(60)
    assert canvas.scale_factor == pytest.approx(LARGEST)
    turn(-200)
    assert canvas.scale_factor == pytest.approx(SMALLEST)


def test_that_the_middle_button_and_space_drag_the_view(sheet) -> None:
    canvas, spot = sheet.canvas, QPoint(300, 500)
    before = canvas.mapToScene(spot)
    drag(sheet, spot, spot + QPoint(60, 40), MIDDLE)
    assert (canvas.mapToScene(spot + QPoint(60, 40)) - before).manhattanLength() < 3
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    drag(sheet, spot + QPoint(60, 40), spot)
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert (canvas.mapToScene(spot) - before).manhattanLength() < 3
    assert sheet.scene.selected() == []


def test_that_panning_300_nodes_paints_only_what_comes_into_view(desk, monkeypatch) -> None:
    nodes = tuple(GraphNode(id=f"n{k}", type="noise", position=(k % 20 * 320.0, k // 20 * 240.0)) for k in range(300))
    links = tuple(Link(source=f"n{k}", output="latent", target=f"n{k + 1}", input="model") for k in range(299))
    desk.place.open_graph(Graph(nodes=nodes, links=links), "Large")
    sheet = desk.place.sheet()
    sheet.canvas.actual_size()
    sheet.canvas.centerOn(3000, 1700)
    QApplication.processEvents()
    painted: list[str] = []
    paint = NodeItem.paint
    monkeypatch.setattr(NodeItem, "paint", lambda self, *rest: (painted.append(self.id), paint(self, *rest))[1])
    bar = sheet.canvas.horizontalScrollBar()
    for _ in range(10):
        bar.setValue(bar.value() + 20)
        QApplication.processEvents()
    assert painted
    assert len(set(painted)) < 40


def test_that_an_edit_rebuilds_no_other_node(sheet, monkeypatch) -> None:
    laid_out: list[str] = []
    lay_out = NodeItem._lay_out
    monkeypatch.setattr(NodeItem, "_lay_out", lambda self: (laid_out.append(self.id), lay_out(self))[1])
    sheet.editing.set_value("noise", "seed", 5)
    assert laid_out == ["noise"]


def test_that_a_node_of_a_missing_plugin_is_shown_and_kept(sheet) -> None:
    graph = sheet.editing.graph.add(GraphNode(id="x", type="stranger.blur", values={"radius": 2.5}))
    sheet.editing.apply("Open", graph.connect(Link(source="sample", output="samples", target="x", input="in")))
    assert sheet.scene.nodes["x"].face.missing
    assert ("in", False) in sheet.scene.nodes["x"].layout.ports
    sheet.refresh(Catalog(), [])
    assert sheet.editing.graph.node("x").values == {"radius": 2.5}
    assert all(item.face.missing for item in sheet.scene.nodes.values())
