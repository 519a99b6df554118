"""The graphs behind the arena's tiles: model and noise into a sampler, with a label or a prompt where the model takes one."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from pydantic import JsonValue

from studio.api.model import ModelCard
from studio.api.sampler import SamplerCard
from studio.engine.engine import ModelInfo
from studio.engine.graph.document import Graph, GraphNode, Link

SAMPLE, EXPAND, NEGATIVE = "sample", "expand_prompt", "negative_prompt"
FRAMES = 12
COUNTS = {"image": 16, "points": 400, "tokens": 1, "audio": 4, "views": 1, "table": 64}
LARGE = 96


class Wish(NamedTuple):
    """What a tile is asked to generate."""

    seed: int
    controls: Mapping[str, JsonValue] = {}
    label: str = ""
    prompt: str = ""
    provider: str = "auto"
    sampler: str = ""
    negative: str = ""


def sampler_of(card: ModelCard) -> SamplerCard:
    """The sampler a tile runs: "sample", or the first where there is none of that name."""
    return {sampler.name: sampler for sampler in card.samplers}.get("sample", card.samplers[0])


def alike(card: ModelCard) -> list[str]:
    """The samplers that show the same thing in another way: with the same noise, inputs and controls as the tile's."""
    usual = sampler_of(card)
    shared = (usual.plan, usual.inputs, usual.controls)
    same = [other.name for other in card.samplers if (other.plan, other.inputs, other.controls) == shared and other != usual]
    return [usual.name, *same] if card.signature.space.kind == "views" else [usual.name]


def steps(card: ModelCard, controls: Mapping[str, JsonValue]) -> int:
    """How many steps generation takes with these controls."""
    sampler = sampler_of(card)
    if isinstance(sampler.plan.steps, int):
        return sampler.plan.steps
    defaults = {control.name: control.default for control in sampler.controls}
    return int(str(controls.get(sampler.plan.steps, defaults.get(sampler.plan.steps, 1))))


def takes(card: ModelCard, kind: str) -> str:
    """The name of the sampler's input of a port kind, empty where it has none."""
    return next((port.name for port in sampler_of(card).inputs if port.kind == kind), "")


def takes_negative(card: ModelCard) -> bool:
    """Whether the sampler can be told what to keep away from."""
    return any(port.name == NEGATIVE for port in sampler_of(card).inputs)


def count(card: ModelCard) -> int:
    """How many samples a tile shows."""
    space = card.signature.space
    large = space.kind == "image" and max(space.height, space.width) > LARGE
    return 4 if large else COUNTS[space.kind]


def generate(model: ModelInfo, wish: Wish, prefix: str = "", y: float = 0.0) -> Graph:
    """The graph of one tile; its result is the node "sample" (after the prefix)."""
    card = model.card
    where: dict[str, JsonValue] = {} if wish.provider == "auto" else {"provider": wish.provider}
    every = 1 if card.signature.space.kind == "tokens" else max(1, steps(card, wish.controls) // FRAMES)
    nodes = [
        _node(prefix, "model", (0, y), model=model.reference),
        _node(prefix, "noise", (280, y + 90), seed=wish.seed, count=count(card)),
        _node(
            prefix,
            "sample",
            (580, y),
            sampler=wish.sampler or sampler_of(card).name,
            controls=dict(wish.controls),
            every=every,
            **where,
        ),
    ]
    links = [
        _link(prefix, "model", "model", "noise", "model"),
        _link(prefix, "model", "model", "sample", "model"),
        _link(prefix, "noise", "latent", "sample", "noise"),
    ]
    if takes(card, "label") and wish.label:
        nodes.append(_node(prefix, "label", (280, y + 250), label=wish.label))
        links.append(_link(prefix, "label", "label", "sample", "label"))
    if takes(card, "text"):
        nodes.append(_node(prefix, "prompt", (280, y + 250), text=wish.prompt))
        links += _prompted(prefix, nodes, card, y)
    if wish.negative and takes_negative(card):
        nodes.append(GraphNode(id=f"{prefix}negative", type="prompt", values={"text": wish.negative}, position=(280, y + 350)))
        links.append(_link(prefix, "negative", "text", "sample", NEGATIVE))
    return Graph(nodes=tuple(nodes), links=tuple(links))


def _prompted(prefix: str, nodes: list[GraphNode], card: ModelCard, y: float) -> list[Link]:
    """Links from the prompt to the sampler, by way of its expansion where the model was trained on full captions."""
    if not any(sampler.name == EXPAND for sampler in card.samplers):
        return [_link(prefix, "prompt", "text", "sample", "prompt")]
    nodes.append(_node(prefix, EXPAND, (430, y + 250)))
    ends = (("model", "model", EXPAND, "model"), ("prompt", "text", EXPAND, "prompt"), (EXPAND, "text", "sample", "prompt"))
    return [_link(prefix, *end) for end in ends]


def together(asked: Iterable[tuple[ModelInfo, Wish]]) -> Graph:
    """The graphs of several tiles as one, below each other."""
    parts = [generate(model, wish, f"{model.card.method}-{k}-", 560.0 * k) for k, (model, wish) in enumerate(asked)]
    nodes = tuple(node for part in parts for node in part.nodes)
    return Graph(nodes=nodes, links=tuple(link for part in parts for link in part.links))


def _node(prefix: str, type: str, position: tuple[float, float], **values: JsonValue) -> GraphNode:
    return GraphNode(id=f"{prefix}{type}", type=type, values=values, position=position)


def _link(prefix: str, source: str, output: str, target: str, input: str) -> Link:
    return Link(source=f"{prefix}{source}", output=output, target=f"{prefix}{target}", input=input)
