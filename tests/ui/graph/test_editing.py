"""Edits of a graph: each can be undone, and a link that may not be says why."""

import pytest

from studio.api.errors import StudioError
from studio.engine.graph.document import GraphNode, Link
from tests.ui.graph.sketches import chain, editing, into, out


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_that_undo_and_redo_restore_every_state_exactly() -> None:
    session = editing(chain())
    states = [session.graph]
    session.add("decode", (0.0, 300.0))
    states.append(session.graph)
    session.connect(out("noise", "noise"), into("decode", "latent"))
    states.append(session.graph)
    session.set_value("noise", "seed", 7)
    states.append(session.graph)
    session.remove(["sample", "invert"])
    states.append(session.graph)
    for expected in reversed(states[:-1]):
        session.undo()
        assert session.graph == expected
    for expected in states[1:]:
        session.redo()
        assert session.graph == expected


def test_that_undo_names_the_step_it_takes_back() -> None:
    session = editing(chain())
    session.remove(["sample", "invert"])
    assert session.undo_text == "Delete 2 nodes"
    session.undo()
    assert (session.undo_text, session.redo_text) == ("", "Delete 2 nodes")


def test_that_a_dragged_slider_is_one_step() -> None:
    clock = Clock()
    session = editing(chain(), clock)
    before = session.graph
    for seed in range(10):
        clock.now += 0.02
        session.set_value("noise", "seed", seed + 1)
    session.undo()
    assert session.graph == before


def test_that_the_same_slider_moved_later_is_another_step() -> None:
    clock = Clock()
    session = editing(chain(), clock)
    session.set_value("noise", "seed", 1)
    clock.now += 5
    session.set_value("noise", "seed", 2)
    session.undo()
    assert session.graph.node("noise").values["seed"] == 1


def test_that_moves_of_other_nodes_are_steps_of_their_own() -> None:
    session = editing(chain())
    session.move({"noise": (1.0, 1.0)})
    session.move({"noise": (2.0, 2.0)})
    session.move({"sample": (3.0, 3.0)})
    session.undo()
    assert session.graph.node("noise").position == (2.0, 2.0)
    session.undo()
    assert session.graph == chain()


def test_that_a_new_edit_after_undo_drops_what_could_be_redone() -> None:
    session = editing(chain())
    session.set_value("noise", "seed", 1)
    session.undo()
    session.set_value("noise", "seed", 2)
    session.redo()
    assert session.graph.node("noise").values["seed"] == 2


def test_that_an_edit_that_changes_nothing_is_no_step() -> None:
    session = editing(chain())
    session.move({"noise": chain().node("noise").position})
    assert session.undo_text == ""


@pytest.mark.parametrize(
    ("a", "b", "reason", "words"),
    [
        (out("model", "model"), into("invert", "image"), "kinds", "Image takes an image, not a model."),
        (out("invert", "image"), into("invert", "image"), "same_node", "cannot feed itself"),
        (out("model", "model"), out("noise", "noise"), "same_side", "Both are outputs"),
        (into("noise", "model"), into("sample", "noise"), "same_side", "Both are inputs"),
        (out("sample", "nowhere"), into("invert", "image"), "missing", "not installed"),
    ],
)
def test_that_a_refused_link_names_its_reason_and_changes_nothing(a, b, reason, words) -> None:
    session = editing(chain())
    refused = session.connect(a, b)
    assert refused is not None
    assert refused.reason == reason
    assert words in refused.text
    assert session.graph == chain()


def test_that_a_loop_is_refused() -> None:
    session = editing()
    first, second, third = (session.add("invert", (0.0, 0.0)) for _ in range(3))
    assert session.connect(out(first, "image"), into(second, "image")) is None
    assert session.connect(out(second, "image"), into(third, "image")) is None
    refused = session.connect(out(third, "image"), into(first, "image"))
    assert refused is not None
    assert refused.reason == "cycle"


def test_that_a_new_link_takes_the_place_of_the_old_one() -> None:
    session = editing(chain())
    session.add("model", (0.0, 200.0))
    session.connect(into("sample", "model"), out("model-2", "model"))
    into_model = [link for link in session.graph.links if (link.target, link.input) == ("sample", "model")]
    assert into_model == [Link(source="model-2", output="model", target="sample", input="model")]


def test_that_a_moved_link_is_one_step() -> None:
    session = editing(chain())
    session.add("invert", (0.0, 200.0))
    before = session.graph
    moved = Link(source="sample", output="samples", target="invert", input="image")
    session.connect(out("sample", "samples"), into("invert-2", "image"), instead_of=moved)
    assert moved not in session.graph.links
    session.undo()
    assert session.graph == before


def test_that_a_node_dropped_from_a_link_comes_connected() -> None:
    session = editing(chain())
    fresh = session.add("decode", (0.0, 200.0), wire=out("noise", "noise"))
    assert Link(source="noise", output="noise", target=fresh, input="latent") in session.graph.links
    session.undo()
    assert session.graph == chain()


def test_that_adding_an_unknown_type_says_what_to_do() -> None:
    with pytest.raises(StudioError, match="Install the plugin"):
        editing().add("os.system", (0.0, 0.0))


def test_that_pasted_nodes_have_fresh_ids_and_keep_the_links_among_them() -> None:
    session = editing(chain())
    ids = session.paste(session.copy(["noise", "sample"]))
    assert set(ids) == {"noise-2", "sample-2"}
    assert [link for link in session.graph.links if link.target in ids] == [
        Link(source="noise-2", output="noise", target="sample-2", input="noise")
    ]
    assert session.graph.node("noise-2").position == (272.0, 32.0)


def test_that_a_duplicate_is_fed_by_what_feeds_the_original() -> None:
    session = editing(chain())
    (fresh,) = session.duplicate(["sample"])
    fed = {(link.source, link.input) for link in session.graph.links if link.target == fresh}
    assert fed == {("model", "model"), ("noise", "noise")}


def test_that_a_node_of_a_missing_plugin_keeps_its_links_and_takes_no_new_ones() -> None:
    graph = (
        chain()
        .add(GraphNode(id="x", type="stranger.blur"))
        .connect(Link(source="sample", output="samples", target="x", input="in"))
    )
    session = editing(graph)
    type = session.catalog.of(graph, graph.node("x"))
    assert [port.name for port in type.inputs] == ["in"]
    refused = session.connect(out("invert", "image"), into("x", "in"))
    assert refused is not None
    assert refused.reason == "missing"


def test_that_the_saved_mark_follows_undo() -> None:
    session = editing(chain())
    session.set_value("noise", "seed", 3)
    assert not session.is_saved
    session.undo()
    assert session.is_saved
