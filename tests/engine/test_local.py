"""The engine in-process, and that both homes give the same."""

import numpy as np
import pytest

from studio.api import Points, Signature, StudioError
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.engine.pictures import pictures
from studio.engine.runs.folder import create
from studio.engine.runs.request import TrainRequest


def chain():
    nodes = (
        GraphNode(id="picture", type="picture", values={"seed": 5}),
        GraphNode(id="give", type="give", values={"value": 2.5}),
        GraphNode(id="add", type="add", values={"by": 1}),
        GraphNode(id="ghost", type="ghost"),
        GraphNode(id="after", type="add"),
    )
    links = (
        Link(source="give", output="number", target="add", input="a"),
        Link(source="ghost", output="x", target="after", input="a"),
    )
    return Graph(nodes=nodes, links=links)


def told(engine, graph, heard, targets=()):
    listener = heard()
    engine.execute(graph, list(targets), listener)
    return [event.model_copy(update={"seconds": 0.0}) if hasattr(event, "seconds") else event for event in listener.all()]


def test_that_both_homes_tell_the_same_of_the_same_graph(client, local_engine, heard):
    here, there = told(local_engine, chain(), heard), told(client, chain(), heard)
    assert here == there
    assert {event.kind for event in here} >= {
        "node_started",
        "node_progress",
        "node_done",
        "node_failed",
        "node_skipped",
        "execution_done",
    }


def test_that_both_homes_answer_alike(client, local_engine):
    for call in ("plugins", "methods", "nodes", "importers", "datasets", "pictures", "runs", "intakes", "settings"):
        assert getattr(client, call)() == getattr(local_engine, call)(), call
    assert client.health().home == local_engine.health().home


def test_that_both_homes_say_why(client, local_engine, heard):
    changed = chain().replace(GraphNode(id="add", type="add", values={"by": 9}))
    for engine in (client, local_engine):
        told(engine, chain(), heard)
        assert engine.why(chain(), "give").cached
        assert engine.why(changed, "add").changed == ("by",)


def test_that_an_execution_returns_its_id_at_once_and_can_be_stopped_by_it(local_engine, heard):
    listener = heard()
    id = local_engine.execute(Graph(nodes=(GraphNode(id="a", type="polite"),)), [], listener)
    assert listener.began.wait(10)
    local_engine.stop(id)
    assert listener.all(5)[-1].stopped
    local_engine.stop(id)


def test_that_settings_are_kept(local_engine):
    assert local_engine.settings() == {}
    local_engine.configure({"theme": "dark", "training_slots": 2})
    assert local_engine.settings() == {"theme": "dark", "training_slots": 2}


def test_that_broken_settings_are_no_reason_not_to_start(local_engine, studio_home):
    (studio_home / "settings.json").write_text("{")
    assert local_engine.settings() == {}


def test_that_nan_cannot_be_saved_as_a_setting(local_engine):
    with pytest.raises((StudioError, ValueError)):
        local_engine.configure({"x": float("nan")})
    assert local_engine.settings() == {}


def test_that_health_tells_the_memory_and_the_providers(local_engine):
    health = local_engine.health()
    assert health.memory > 10 * 2**20
    assert health.provider in health.providers


def test_that_why_of_a_node_that_is_not_there_is_refused(local_engine):
    with pytest.raises(StudioError, match="no node 'x'"):
        local_engine.why(chain(), "x")


def test_that_a_saved_picture_tells_graph_models_and_seed(tmp_path):
    from studio.engine.pictures import KEYWORD, save_output
    from studio.engine.png import encode_png

    lineage = {"graph": chain().model_dump(mode="json"), "models": ["starter:ddpm"], "seed": 5}
    import json

    pixels = np.random.default_rng(0).integers(0, 255, (5, 7, 4), np.uint8)
    path = save_output(tmp_path, "A/b ../c", ".png", encode_png(pixels, {KEYWORD: json.dumps(lineage)}), lineage)
    assert path.parent == tmp_path
    (info,) = pictures(tmp_path)
    assert (info.graph, info.models, info.seed) == (chain(), ("starter:ddpm",), 5)


def test_that_both_homes_show_the_same_plane_of_a_run(client, local_engine, studio_home):
    folder = create(studio_home / "runs", TrainRequest(method="toy", dataset="moons"), title="")
    folder.signature.write_text(Signature(space=Points(dimensions=2)).model_dump_json())
    bump = np.linspace(0, 1, 12, dtype=np.float32).reshape(3, 4)
    np.savez(folder.previews / "step-000007.npz", allow_pickle=False, samples=np.ones((5, 2)), **{"surface.energy": bump})
    here, there = (engine.plane(folder.id, "previews/step-000007.npz") for engine in (local_engine, client))
    assert here == there
    assert (here.samples.kind, here.samples.count) == ("points", 5)
    assert [(layer.name, layer.shape, layer.reach) for layer in here.layers] == [("energy", (3, 4), 3.0)]
