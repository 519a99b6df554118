"""Words in graphs: prompts for picture models, text encoder and denoiser as nodes of their own, and fuller prompts."""

from typing import Any

import numpy as np
import pytest

from studio.api import Image, ModelCard, Noise, NoiseStream, Parameter, Plan, Port, SamplerCard, Signature
from studio.api.values import Conditioning, Latents
from studio.api.words import vocabulary_of
from studio.engine.models.feeding import feed_controls, feed_inputs
from tests.engine.nodes.conftest import Look, Studio, Toy

WORDS = vocabulary_of(["red apple", "green apple", "sour fruit"])
SHAPE, LATENT = (1, 4, 4), (2, 2, 2)
SCALE = Parameter(name="scale", kind="number", default=1.0, help="")


def words_port(name: str = "prompt") -> Port:
    return Port(name=name, kind="text", shape=(WORDS.length,), dtype="int64", optional=True)


def said_port(name: str) -> Port:
    return Port(name=name, kind="conditioning", shape=(WORDS.length, 1), optional=True)


class Painter:
    """A model whose latents are noise plus the sum of the prompt's symbols, less those of the negative prompt."""

    provider, note = "cpu", ""

    def __init__(self) -> None:
        image = Port(name="sample", kind="image", shape=SHAPE)
        latent = Port(name="latent", kind="latent", shape=LATENT)
        plan = Plan(initial=Noise(shape=LATENT))
        self.card = ModelCard(
            id="painter", title="Painter", method="toy", family="diffusion", plugin="test", params={}, dataset="none", run="none",
            step=1, signature=Signature(space=Image(height=4, width=4, channels=1), words=WORDS), parameters=1, created="now",
            studio="0",
            samplers=(
                SamplerCard(name="sample", plan=plan, inputs=(words_port(), words_port("negative_prompt")), output=image),
                SamplerCard(name="encode_text", plan=Plan(), inputs=(words_port(),), output=said_port("conditioning")),
                SamplerCard(
                    name="denoise", plan=plan, controls=(SCALE,),
                    inputs=(said_port("conditioning"), said_port("negative_conditioning")), output=latent,
                ),
                SamplerCard(name="encode", plan=Plan(), inputs=(image,), output=latent),
                SamplerCard(name="decode", plan=Plan(), inputs=(latent,), output=image),
                SamplerCard(name="expand_prompt", plan=Plan(), inputs=(words_port(),), output=words_port("text")),
            ),
        )  # fmt: skip

    def run(self, sampler="sample", n=1, *, seed=0, noise=None, inputs=None, controls=None, every=0):
        card = self.card.sampler(sampler)
        given = feed_inputs(card.inputs, inputs or {}, n, self.card.signature) | feed_controls(card.controls, controls or {})
        start = noise if noise is not None else NoiseStream(seed, n).draw(Noise(shape=LATENT))
        yield Look(1, 1, getattr(self, f"_{sampler}")(given, start))

    def _sample(self, given: dict[str, Any], start: Any) -> Any:
        told = {
            name: self._encode_text({"prompt": given[port]}, None)
            for name, port in (("conditioning", "prompt"), ("negative_conditioning", "negative_prompt"))
        }
        return self._decode({"latent": self._denoise({**told, "scale": 1.0}, start)}, None)

    def _encode_text(self, given: dict[str, Any], start: Any) -> Any:
        return given["prompt"][:, :, None].astype(np.float32)

    def _denoise(self, given: dict[str, Any], start: Any) -> Any:
        towards, away = (given[name].sum((1, 2))[:, None, None, None] for name in ("conditioning", "negative_conditioning"))
        return (start + given["scale"] * (towards - away)).astype(np.float32)

    def _decode(self, given: dict[str, Any], start: Any) -> Any:
        return given["latent"].mean(1, keepdims=True).repeat(2, 2).repeat(2, 3)

    def _encode(self, given: dict[str, Any], start: Any) -> Any:
        return given["sample"][:, :, ::2, ::2].repeat(2, 1)

    def _expand_prompt(self, given: dict[str, Any], start: Any) -> Any:
        known = {symbol: place for place, symbol in enumerate(WORDS.vocabulary)}
        rows = given["prompt"].copy()
        rows[:, -2:] = [known["sour"], known["fruit"]]
        return rows

    def terminate(self) -> None: ...


@pytest.fixture
def studio(tmp_path):
    made = Studio(tmp_path / "pictures")
    object.__setattr__(
        made.workshop, "opener", lambda reference, provider: Painter() if reference == "painter" else Toy(reference)
    )
    return made


def note(studio, graph, node: str) -> str:
    return next(event.note for event in studio.run(graph) if event.kind == "node_done" and event.node == node)


NODES = {"m": ("model", {"model": "painter"}), "p": ("prompt", {"text": "red apple"}), "q": ("prompt", {"text": "sour"})}


def test_that_prompt_and_negative_prompt_reach_the_model_each_in_its_place(studio, graph):
    links = ["m.model > s.model", "p.text > s.prompt"]
    nodes = NODES | {"s": ("sample", {"count": 2})}
    both = studio.values(graph(*links, "q.text > s.negative_prompt", **nodes))["s"].array
    one = studio.values(graph(*links, **{name: node for name, node in nodes.items() if name != "q"}))["s"].array
    assert np.allclose(one - both, WORDS.vocabulary.index("sour"), atol=1e-5)


def test_that_encoder_denoiser_and_decoder_in_a_row_make_what_sample_makes(studio, graph):
    nodes = NODES | {
        "n": ("noise", {"seed": 3, "count": 2}), "e": ("encode_text",), "f": ("encode_text",), "d": ("denoise",),
        "v": ("decode",), "s": ("sample",),
    }  # fmt: skip
    links = (
        "m.model > n.model", "m.model > e.model", "m.model > f.model", "m.model > d.model", "m.model > v.model",
        "p.text > e.text", "q.text > f.text", "e.conditioning > d.conditioning", "f.conditioning > d.against",
        "n.latent > d.noise", "d.latent > v.latent",
        "m.model > s.model", "n.latent > s.noise", "p.text > s.prompt", "q.text > s.negative_prompt",
    )  # fmt: skip
    values = studio.values(graph(*links, **nodes))
    assert isinstance(values["e"], Conditioning)
    assert values["e"].text == "red apple"
    assert isinstance(values["d"], Latents)
    assert np.allclose(values["v"].array, values["s"].array)


def test_that_a_denoiser_has_controls(studio, graph):
    nodes = {"m": NODES["m"], "p": NODES["p"], "e": ("encode_text",)}
    links = ("m.model > e.model", "p.text > e.text", "m.model > d.model", "e.conditioning > d.conditioning")

    def made(scale: float) -> Any:
        return studio.values(graph(*links, **nodes, d=("denoise", {"controls": {"scale": scale}, "count": 1})))["d"].array

    total = sum(WORDS.vocabulary.index(word) for word in ("red", "apple"))
    assert np.allclose(made(3.0) - made(1.0), 2 * total, atol=1e-4)


def test_that_the_encoder_of_pictures_is_not_mistaken_for_the_denoiser(studio, graph):
    nodes = {"m": NODES["m"], "s": ("sample", {"count": 2}), "e": ("encode",)}
    values = studio.values(graph("m.model > s.model", "m.model > e.model", "s.samples > e.samples", **nodes))
    assert np.allclose(values["e"].array, values["s"].array[:, :, ::2, ::2])


def test_that_a_prompt_is_expanded_shown_and_can_be_written_anew(studio, graph):
    links = ("m.model > x.model", "p.text > x.prompt")
    nodes = {"m": NODES["m"], "p": NODES["p"]}
    assert studio.values(graph(*links, **nodes, x=("expand_prompt",)))["x"].text == "red apple sour fruit"
    assert studio.values(graph(*links, **nodes, x=("expand_prompt", {"instead": "green"})))["x"].text == "green"
    shown = [event.rendering for event in studio.run(graph(*links, **nodes, x=("expand_prompt",))) if event.kind == "node_done"]
    assert shown[-1].texts == ("red apple sour fruit",)


def test_that_words_a_model_does_not_know_are_named_with_ones_like_them(studio, graph):
    nodes = {"m": NODES["m"], "p": ("prompt", {"text": "a red aple"}), "s": ("sample", {"count": 1})}
    said = note(studio, graph("m.model > s.model", "p.text > s.prompt", **nodes), "s")
    assert "'a'" in said
    assert "'aple' (it knows apple)" in said


def test_that_a_prompt_of_strange_words_alone_is_refused(studio, graph):
    nodes = {"m": NODES["m"], "p": ("prompt", {"text": "motorway"}), "s": ("sample",)}
    assert "does not know 'motorway'" in studio.failure(graph("m.model > s.model", "p.text > s.prompt", **nodes))


def test_that_a_negative_prompt_without_effect_is_told(studio, graph):
    nodes = {"m": ("model", {"model": "picture"}), "q": NODES["q"], "s": ("sample",)}
    assert "takes no negative prompt" in note(studio, graph("m.model > s.model", "q.text > s.negative_prompt", **nodes), "s")


def test_that_models_without_these_parts_say_so(studio, graph):
    nodes = {"m": ("model", {"model": "picture"}), "p": NODES["p"]}
    encoder = graph("m.model > e.model", "p.text > e.text", **nodes, e=("encode_text",))
    assert "no text encoder" in studio.failure(encoder)
    expander = graph("m.model > e.model", "p.text > e.prompt", **nodes, e=("expand_prompt",))
    assert "not trained on expanded prompts" in studio.failure(expander)
    assert "no sampler 'denoise'" in studio.failure(graph("m.model > d.model", m=nodes["m"], d=("denoise",)))
