"""A model made by hand, that runs as an exported one does, and the built-in nodes run in graphs of their own."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.api import Image, ModelCard, Noise, NoiseStream, Parameter, Plan, Points, Port, SamplerCard, Signature, Tokens
from studio.engine.engine import GraphEvent
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.engine.graph.execute import Execution, Workshop
from studio.engine.models.feeding import feed_controls, feed_inputs
from studio.engine.nodes import studio_nodes

STEPS = Parameter(name="steps", kind="integer", default=3, help="", minimum=1, maximum=10)
SPACES = {
    "picture": Image(height=4, width=4, channels=1),
    "cloud": Points(),
    "words": Tokens(vocabulary=("\n", "a", "b"), length=6),
}
SHAPES = {"picture": (1, 4, 4), "cloud": (2,)}
OUTPUTS = {"picture": "image", "cloud": "points", "words": "text"}


class Look:
    """Progress as `studio.engine.models` tells it."""

    def __init__(self, step: int, total: int, samples: Any) -> None:
        self.step, self.total, self.samples = step, total, samples


class Toy:
    """A model whose samples are noise plus class plus ten times each step's noise; "encode" halves, "inpaint" gives nines."""

    provider, note = "cpu", "CUDA has no driver."

    def __init__(self, kind: str) -> None:
        self.kind = kind
        space, shape = SPACES[kind], SHAPES.get(kind)
        initial = Noise(shape=shape) if shape else None
        output = Port(name="samples", kind=OUTPUTS[kind], shape=shape or (-1,), dtype="float32" if shape else "int64")
        inputs = (Port(name="label", kind="label", dtype="int64", optional=True),) if kind == "picture" else ()
        words = (Port(name="prompt", kind="text", shape=(-1,), dtype="int64"),) if kind == "words" else ()
        sample = SamplerCard(
            name="sample",
            plan=Plan(steps="steps", initial=initial, each=Noise(shape=(1,))),
            inputs=inputs + words,
            controls=(STEPS,),
            output=output,
        )
        encode = SamplerCard(
            name="encode", plan=Plan(), inputs=(Port(name="image", kind="image", shape=(1, 4, 4)),),
            output=Port(name="latent", kind="latent", shape=(1, 4, 4)),
        )  # fmt: skip
        inpaint = SamplerCard(
            name="inpaint", plan=Plan(), output=output,
            inputs=(Port(name="sample", kind="image", shape=(1, 4, 4)), Port(name="mask", kind="image", shape=(1, 4, 4))),
        )  # fmt: skip
        self.card = ModelCard(
            id=kind, title=f"Toy {kind}", method="toy", family="vae", plugin="test", params={}, dataset="none", run="none",
            step=1, signature=Signature(space=space, classes=("zero", "one") if inputs else ()), parameters=1, created="now",
            studio="0",
            samplers=(sample, encode, inpaint) if kind == "picture" else (sample,),
        )  # fmt: skip

    def run(self, sampler="sample", n=1, *, seed=0, noise=None, inputs=None, controls=None, every=0):
        card = self.card.sampler(sampler)
        given = feed_inputs(card.inputs, inputs or {}, n, self.card.signature) | feed_controls(card.controls, controls or {})
        if sampler == "encode":
            yield Look(1, 1, given["image"] / 2)
            return
        if sampler == "inpaint":
            yield Look(1, 1, np.where(given["mask"] > 0, np.float32(9), given["sample"]))
            return
        stream = NoiseStream(seed, n)
        drawn = stream.draw(card.plan.initial) if card.plan.initial else None
        carry = noise if noise is not None else drawn if drawn is not None else given["prompt"]
        carry = carry + given["label"].reshape(-1, 1, 1, 1) if "label" in given else carry
        total = int(given["steps"])
        for step in range(total):
            extra = stream.draw(card.plan.each)
            carry = (
                np.concatenate([carry, (extra > 0) + 1], 1)
                if self.kind == "words"
                else carry + 10 * extra.reshape(n, *[1] * (carry.ndim - 1))
            )
            last = step + 1 == total
            yield Look(step + 1, total, np.array(carry) if last or (every and (step + 1) % every == 0) else None)

    def terminate(self):
        pass


class Studio:
    """Runs graphs of the built-in nodes over the toy models."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        nodes = {node.type.id: replace(node, identity=None) for node in studio_nodes()}
        self.workshop = Workshop(nodes, lambda reference, provider: Toy(reference), folder)

    def run(self, graph: Graph) -> list[GraphEvent]:
        events = list[GraphEvent]()
        Execution(graph, (), self.workshop, events.append).run()
        return events

    def values(self, graph: Graph) -> dict[str, Any]:
        """The first output of each node; fails where a node did."""
        events = self.run(graph)
        assert not [event for event in events if event.kind in ("node_failed", "node_skipped")], events
        from studio.engine.graph.prepare import prepare

        line = prepare(graph, (), self.workshop.nodes)
        kept = {ready.id: self.workshop.cache.get(ready.key) for ready in line}
        return {id: next(iter(result.outputs.values())) for id, result in kept.items() if result}

    def failure(self, graph: Graph) -> str:
        """What the one node that fails says."""
        (failed,) = [event for event in self.run(graph) if event.kind == "node_failed"]
        return failed.error


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path / "pictures")


@pytest.fixture
def graph() -> Callable[..., Graph]:
    """Nodes as `name=("type", {values})`, links as "source.output > target.input"."""

    def build(*links: str, **nodes: Any) -> Graph:
        made = [GraphNode(id=id, type=given[0], values=given[1] if len(given) > 1 else {}) for id, given in nodes.items()]
        ends = [text.replace(" > ", ".").split(".") for text in links]
        return Graph(nodes=tuple(made), links=tuple(Link(source=a, output=b, target=c, input=d) for a, b, c, d in ends))

    return build
