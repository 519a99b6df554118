"""Graphs of the built-in nodes over models exported from the families' own methods, tiny and untrained."""

from pathlib import Path

import numpy as np
import pytest
import torch

from studio.api import Image, ModelCard, Points, Signature, Tokens
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.engine.local import LocalEngine
from studio.engine.models.export import export
from studio.engine.models.model import Model
from studio.engine.nodes import studio_nodes
from studio.engine.pictures import pictures
from studio.engine.plugins.load import load
from studio.engine.plugins.registry import Registry

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
TOYS = {
    "vae": ("studio_vae:VAE", Signature(space=Image(height=8, width=8, channels=1)), {"latent": 4, "width": 8}),
    "ddpm": ("studio_diffusion:DDPM", Signature(space=Points(), classes=("a", "b")), {"width": 16, "timesteps": 20}),
    "gpt": (
        "studio_transformer:GPT",
        Signature(space=Tokens(vocabulary=("\n", "a", "b", "c"), length=12)),
        {"width": 16, "layers": 1, "heads": 2, "context": 16},
    ),
}


class Shelf:
    """The toys' exported folders; each is made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __truediv__(self, name: str) -> Path:
        if not (self.folder / name).exists():
            self._export(name)
        return self.folder / name

    def _export(self, name: str) -> None:
        reference, signature, params = TOYS[name]
        torch.manual_seed(0)
        method = load(reference)
        generator = load(method.implementation)(signature, method.params(**params))
        about = ModelCard(
            id=name, title=name, method=name, family=method.family, plugin="test", signature=signature, params=params,
            dataset="none", run="none", step=0, parameters=1, created="2026-01-01T00:00:00+00:00", studio="0", samplers=(),
        )  # fmt: skip
        export(generator, about, self.folder / name)


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return Shelf(tmp_path_factory.mktemp("models"))


@pytest.fixture
def engine():
    started = LocalEngine(Registry(nodes={node.type.id: node for node in studio_nodes()}))
    yield started
    started.close()


def graph_of(exported, *links, **nodes):
    made = [GraphNode(id=id, type=type, values=values) for id, (type, values) in nodes.items()]
    ends = [text.replace(" > ", ".").split(".") for text in links]
    used = {source for source, *_ in ends} & set(TOYS)
    made += [GraphNode(id=name, type="model", values={"model": str(exported / name)}) for name in sorted(used)]
    return Graph(nodes=tuple(made), links=tuple(Link(source=a, output=b, target=c, input=d) for a, b, c, d in ends))


def run(engine, graph, heard, *targets):
    listener = heard()
    engine.execute(graph, list(targets), listener)
    failures = [event.error for event in listener.all(60) if event.kind == "node_failed"]
    assert not failures, failures
    return {event.node: event for event in listener.of("node_done")}, listener.events


def test_that_a_graph_s_samples_are_the_model_s_own(engine, exported, heard):
    graph = graph_of(
        exported, "ddpm.model > n.model", "ddpm.model > s.model", "n.latent > s.noise",
        n=("noise", {"seed": 3, "count": 6}), s=("sample", {"controls": {"steps": 5}, "provider": "cpu"}),
    )  # fmt: skip
    done, events = run(engine, graph, heard, "s")
    alone = Model.open(exported / "ddpm", "cpu").sample(n=6, seed=3, controls={"steps": 5})
    assert np.array_equal(np.array(done["s"].rendering.points, np.float32), alone.astype(np.float32))
    assert done["s"].provider == "cpu"
    steps = [event.step for event in events if event.kind == "node_progress" and event.rendering]
    assert steps == [1, 2, 3, 4, 5]


def test_that_samples_are_encoded_decoded_compared_and_saved_with_their_lineage(engine, exported, heard, studio_home):
    graph = graph_of(
        exported, "vae.model > s.model", "vae.model > e.model", "s.samples > e.samples", "e.latent > i.a", "i.latent > d.latent",
        "vae.model > d.model", "s.samples > c.a", "d.samples > c.b", "c.comparison > k.image",
        s=("sample", {"count": 4}), e=("encode", {}), i=("interpolate", {"steps": 4}), d=("decode", {}),
        c=("compare", {}), k=("save_image", {}),
    )  # fmt: skip
    done, _ = run(engine, graph, heard, "k")
    assert done["d"].rendering.count == 4
    (info,) = pictures(studio_home / "pictures")
    assert info.models == (str(exported / "vae"),)
    assert engine.pictures()[0] == info


def test_that_a_sampler_that_takes_samples_is_fed_them(engine, exported, heard):
    graph = graph_of(
        exported, "vae.model > s.model", "vae.model > r.model", "s.samples > r.source",
        s=("sample", {"count": 3}), r=("sample", {"sampler": "reconstruct"}),
    )  # fmt: skip
    done, _ = run(engine, graph, heard, "r")
    assert done["r"].rendering.count == 3


def test_that_a_prompt_is_continued_and_shown(engine, exported, heard):
    graph = graph_of(
        exported, "gpt.model > s.model", "p.text > s.prompt", "s.samples > t.text",
        p=("prompt", {"text": "abc"}), s=("sample", {"count": 2, "seed": 1}), t=("text_view", {}),
    )  # fmt: skip
    done, _ = run(engine, graph, heard, "t")
    assert done["s"].rendering.texts[0].startswith("abc")
    assert done["t"].rendering.texts[0].count("abc") >= 2


def test_that_a_class_steers_and_a_changed_control_runs_the_sampler_alone(engine, exported, heard):
    def graph(label, steps):
        return graph_of(
            exported, "ddpm.model > s.model", "l.label > s.label",
            l=("label", {"label": label}), s=("sample", {"controls": {"steps": steps}, "count": 2}),
        )  # fmt: skip

    first, _ = run(engine, graph("a", 4), heard, "s")
    second, _ = run(engine, graph("a", 5), heard, "s")
    third, _ = run(engine, graph("b", 5), heard, "s")
    assert second["l"].cached
    assert second["ddpm"].cached
    assert not second["s"].cached
    assert first["s"].rendering.points != second["s"].rendering.points != third["s"].rendering.points
    assert engine.why(graph("b", 6), "s").changed == ("controls",)


def test_that_a_model_trained_again_is_run_again(engine, exported, heard, tmp_path):
    import shutil

    shutil.copytree(exported / "vae", tmp_path / "vae")
    graph = Graph(
        nodes=(GraphNode(id="m", type="model", values={"model": str(tmp_path / "vae")}), GraphNode(id="s", type="sample"))
    )
    graph = graph.connect(Link(source="m", output="model", target="s", input="model"))
    run(engine, graph, heard)
    shutil.rmtree(tmp_path / "vae")
    shutil.copytree(exported / "ddpm", tmp_path / "vae")
    assert engine.why(graph, "m").changed == ("files",)
    done, _ = run(engine, graph, heard)
    assert done["s"].rendering.kind == "points"


def test_that_a_long_run_is_stopped_in_the_model(engine, exported, heard):
    import time

    graph = graph_of(exported, "ddpm.model > s.model", s=("sample", {"count": 4096, "controls": {"steps": 20}, "every": 0}))
    listener = heard()
    id = engine.execute(graph, ["s"], listener)
    assert listener.began.wait(10)
    began = time.monotonic()
    engine.stop(id)
    assert listener.all(5)[-1].stopped
    assert time.monotonic() - began < 2.0


def test_that_a_model_that_is_not_there_fails_its_node_alone(engine, exported, heard):
    listener = heard()
    graph = graph_of(exported, p=("prompt", {"text": "x"}), vae=("model", {"model": "starter:nothing"}))
    engine.execute(graph, ["vae", "p"], listener)
    assert [event.node for event in listener.of("node_failed")] == ["vae"]
    assert "There is no model 'starter:nothing'" in listener.of("node_failed")[0].error
    assert [event.node for event in listener.of("node_done")] == ["p"]


def test_that_both_homes_make_the_same_pictures(engine, client_of_studio, exported, heard):
    graph = graph_of(exported, "vae.model > s.model", "s.samples > g.a", s=("sample", {"seed": 9}), g=("grid", {}))
    here, there = (run(home, graph, heard, "g")[0]["g"].rendering for home in (engine, client_of_studio))
    assert here == there


@pytest.fixture
def client_of_studio(monkeypatch):
    import sys

    from studio.engine.client import EngineClient

    root = Path(__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", f"{root}:{root / 'plugins'}")
    code = (
        "from studio.engine.host import main; from studio.engine.local import LocalEngine;"
        "from studio.engine.nodes import studio_nodes;"
        "from studio.engine.plugins.registry import Registry;"
        "main(lambda: LocalEngine(Registry(nodes={node.type.id: node for node in studio_nodes()})))"
    )
    started = EngineClient.start((sys.executable, "-c", code))
    yield started
    started.close()
