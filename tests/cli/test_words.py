"""A model that makes pictures from words, exported, and asked on the command line and in a graph."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.api import ModelCard
from studio.cli.commands import main
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.engine.graph.execute import Execution, Workshop
from studio.engine.graph.prepare import prepare
from studio.engine.models.export import export
from studio.engine.models.model import Model
from studio.engine.nodes import studio_nodes
from studio.engine.plugins.discover import discover
from studio.engine.training.making import make
from studio.engine.training.toys import image
from studio.kit.source import Source

SMALL = {"width": 16, "text_width": 16, "text_layers": 1, "halvings": 1, "latent_channels": 4, "autoencoder_width": 16}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    toy = image()
    generator = make(discover().method("recaptioned"), toy.signature, SMALL)
    generator.stages()[-1].data(Source(toy, 8, 0, torch.device("cpu")))
    for weight in generator.average.network.denoiser.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    about = ModelCard(
        id="tiny", title="Tiny", method="recaptioned", family="diffusion", plugin="",
        signature=generator.signature, params={}, dataset="toy", run="", step=0, parameters=1, created="", studio="0",
        samplers=(),
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("words") / "model"
    export(generator, about, folder)
    return folder


def asked(model: Path, file: Path, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, str]:
    arguments = ["sample", str(model), "-n", "2", "--set", "steps=3", "--provider", "cpu", "-o", str(file), *options]
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_that_the_command_line_expands_a_prompt_shows_it_and_takes_it_as_it_is(model, tmp_path, capsys):
    file = tmp_path / "one.npz"
    prompt = asked(model, file, capsys, "--prompt", "a bright picture")["prompt"]
    assert prompt.startswith("a bright picture ")
    expanded = np.load(file)["samples"]
    assert asked(model, file, capsys, "--prompt", prompt, "--as-is")["prompt"] == prompt
    assert np.array_equal(np.load(file)["samples"], expanded)
    assert asked(model, file, capsys, "--prompt", "a bright picture", "--as-is")["prompt"] == "a bright picture"
    assert not np.allclose(np.load(file)["samples"], expanded)


def test_that_a_negative_prompt_counts_and_strange_words_are_named(model, tmp_path, capsys):
    file = tmp_path / "one.npz"
    asked(model, file, capsys, "--prompt", "bright", "--as-is")
    plain = np.load(file)["samples"]
    asked(model, file, capsys, "--prompt", "bright", "--as-is", "--negative-prompt", "dark")
    assert not np.allclose(np.load(file)["samples"], plain)
    assert main(["sample", str(model), "-n", "1", "--set", "steps=2", "-o", str(file), "--prompt", "a brihgt cat"]) == 0
    said = capsys.readouterr().out
    assert "'brihgt' (it knows bright" in said
    assert "'cat'" in said
    assert main(["sample", str(model), "--prompt", "cat"]) == 1
    assert "does not know 'cat'" in capsys.readouterr().err


def test_that_the_parts_as_nodes_make_what_the_whole_model_makes(model, tmp_path):
    nodes = {
        "m": ("model", {"model": str(model)}), "p": ("prompt", {"text": "bright"}), "q": ("prompt", {"text": "dark"}),
        "n": ("noise", {"seed": 3, "count": 2}), "e": ("encode_text", {}), "f": ("encode_text", {}),
        "d": ("denoise", {"controls": {"steps": 3}}), "v": ("decode", {}), "s": ("sample", {"controls": {"steps": 3}}),
    }  # fmt: skip
    links = (
        "m.model n.model", "m.model e.model", "m.model f.model", "m.model d.model", "m.model v.model", "m.model s.model",
        "p.text e.text", "q.text f.text", "e.conditioning d.conditioning", "f.conditioning d.against", "n.latent d.noise",
        "d.latent v.latent", "n.latent s.noise", "p.text s.prompt", "q.text s.negative_prompt",
    )  # fmt: skip
    ends = [(*a.split("."), *b.split(".")) for a, b in (link.split() for link in links)]
    graph = Graph(
        nodes=tuple(GraphNode(id=id, type=type, values=values) for id, (type, values) in nodes.items()),
        links=tuple(Link(source=a, output=b, target=c, input=d) for a, b, c, d in ends),
    )
    kinds = {node.type.id: replace(node, identity=None) for node in studio_nodes()}
    workshop = Workshop(kinds, lambda reference, provider: Model.open(Path(reference), "cpu"), tmp_path)
    failed = []
    Execution(graph, (), workshop, lambda event: failed.append(event) if event.kind == "node_failed" else None).run()
    assert not failed
    made = {ready.id: workshop.cache.get(ready.key).outputs for ready in prepare(graph, (), kinds)}
    assert np.allclose(made["v"]["samples"].array, made["s"]["samples"].array, atol=1e-5)
    assert made["d"]["latent"].array.shape == (2, 4, 4, 4)
