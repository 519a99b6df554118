"""Nodes that run models."""

import numpy as np
import pytest

from studio.api import NoiseStream
from studio.api.values import Latents, Samples


def sampling(graph, kind="picture", noise=None, **values):
    nodes = {"m": ("model", {"model": kind}), "s": ("sample", values)}
    if noise is None:
        return graph("m.model > s.model", **nodes)
    return graph("m.model > s.model", "m.model > n.model", "n.latent > s.noise", n=("noise", noise), **nodes)


def test_that_noise_depends_on_the_seed_and_not_on_the_count(studio, graph):
    many = studio.values(sampling(graph, noise={"seed": 4, "count": 5}))["n"]
    few = studio.values(sampling(graph, noise={"seed": 4, "count": 2}))["n"]
    other = studio.values(sampling(graph, noise={"seed": 5, "count": 2}))["n"]
    assert many.array.shape == (5, 1, 4, 4)
    assert np.array_equal(many.array[:2], few.array)
    assert not np.array_equal(few.array, other.array)


def test_that_linked_noise_gives_what_its_seed_gives_without_a_noise_node(studio, graph):
    linked = studio.values(sampling(graph, noise={"seed": 4, "count": 3}))["s"]
    alone = studio.values(sampling(graph, seed=4, count=3))["s"]
    assert np.array_equal(linked.array, alone.array)


def test_that_samples_carry_their_space_and_their_model_s_title(studio, graph):
    made = studio.values(sampling(graph, count=3))["s"]
    assert isinstance(made, Samples)
    assert made.array.shape == (3, *made.space.shape)
    assert made.title == "Toy picture"


def test_that_every_step_is_previewed_and_every_second_one_where_asked(studio, graph):
    def previews(every):
        events = studio.run(sampling(graph, controls={"steps": 4}, every=every))
        return [event.step for event in events if event.kind == "node_progress" and event.rendering]

    assert previews(1) == [1, 2, 3, 4]
    assert previews(2) == [2, 4]
    assert previews(0) == [4]


def test_that_the_provider_really_used_and_why_are_told(studio, graph):
    done = [event for event in studio.run(sampling(graph)) if event.kind == "node_done" and event.node == "s"]
    assert (done[0].provider, done[0].note) == ("cpu", "CUDA has no driver.")


def test_that_labels_are_taken_in_turn(studio, graph):
    nodes = {
        "m": ("model", {"model": "picture"}),
        "l": ("label", {"label": "zero, one"}),
        "s": ("sample", {"count": 4, "seed": 1}),
    }
    labelled = studio.values(graph("m.model > s.model", "l.label > s.label", **nodes))["s"].array
    plain = studio.values(graph("m.model > s.model", m=nodes["m"], s=nodes["s"]))["s"].array
    difference = np.round((labelled - plain).reshape(4, -1), 3)
    assert np.array_equal(difference, np.array([[-2.0], [-1.0], [-2.0], [-1.0]]).repeat(16, 1))


def test_that_a_class_that_is_not_there_is_named(studio, graph):
    nodes = {"m": ("model", {"model": "picture"}), "l": ("label", {"label": "two"}), "s": ("sample",)}
    assert "no class 'two'" in studio.failure(graph("m.model > s.model", "l.label > s.label", **nodes))


def test_that_a_label_without_effect_is_told(studio, graph):
    nodes = {"m": ("model", {"model": "cloud"}), "l": ("label", {"label": "one"}), "s": ("sample",)}
    events = studio.run(graph("m.model > s.model", "l.label > s.label", **nodes))
    assert "takes no label" in next(event.note for event in events if event.kind == "node_done" and event.node == "s")


def test_that_a_prompt_is_gone_on_from(studio, graph):
    nodes = {
        "m": ("model", {"model": "words"}),
        "p": ("prompt", {"text": "ab"}),
        "s": ("sample", {"count": 2}),
        "t": ("text_view",),
    }
    values = studio.values(graph("m.model > s.model", "p.text > s.prompt", "s.samples > t.text", **nodes))
    assert values["s"].array[:, :2].tolist() == [[1, 2], [1, 2]]
    assert values["s"].space.length == 5
    assert values["t"].text.startswith("ab")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"controls": {"steps": 11}}, "'steps' must be between 1 and 10"),
        ({"controls": {"speed": 1}}, "no parameter 'speed'"),
        ({"controls": [1]}, "'controls' must be a JSON object"),
        ({"sampler": "dream"}, "has no sampler 'dream'; it has sample, encode"),
        ({"count": 0}, "'count' must be between 1 and 4096"),
    ],
)
def test_that_a_wrong_value_is_refused_in_words(studio, graph, values, words):
    assert words in studio.failure(sampling(graph, **values))


def test_that_no_model_chosen_says_so(studio, graph):
    assert "No model is chosen" in studio.failure(graph(m=("model",)))


def test_that_what_was_encoded_can_be_decoded_and_gone_between(studio, graph):
    nodes = {
        "m": ("model", {"model": "picture"}), "s": ("sample", {"count": 2}), "e": ("encode",), "i": ("interpolate", {"steps": 5}),
        "d": ("decode", {"controls": {"steps": 1}}),
    }  # fmt: skip
    links = (
        "m.model > s.model",
        "m.model > e.model",
        "s.samples > e.samples",
        "e.latent > i.a",
        "i.latent > d.latent",
        "m.model > d.model",
    )
    values = studio.values(graph(*links, **nodes))
    assert isinstance(values["e"], Latents)
    assert np.allclose(values["e"].array, values["s"].array / 2)
    assert values["i"].array.shape == (5, 1, 4, 4)
    assert np.allclose(values["i"].array[[0, -1]], values["e"].array, atol=1e-5)
    assert values["d"].array.shape == (5, 1, 4, 4)


def test_that_a_model_that_cannot_encode_says_so(studio, graph):
    nodes = {"m": ("model", {"model": "cloud"}), "s": ("sample",), "e": ("encode",)}
    assert "Toy cloud cannot encode" in studio.failure(
        graph("m.model > s.model", "m.model > e.model", "s.samples > e.samples", **nodes)
    )


def test_that_latents_of_another_model_are_refused(studio, graph):
    nodes = {"m": ("model", {"model": "picture"}), "o": ("model", {"model": "cloud"}), "n": ("noise",), "d": ("decode",)}
    assert "cannot decode latents of shape (2,)" in studio.failure(
        graph("o.model > n.model", "n.latent > d.latent", "m.model > d.model", **nodes)
    )


def test_that_slerp_keeps_the_length_of_noise_and_lerp_is_straight(studio, graph):
    def between(way):
        nodes = {
            "m": ("model", {"model": "picture"}),
            "n": ("noise", {"count": 2}),
            "i": ("interpolate", {"steps": 3, "way": way}),
        }
        return studio.values(graph("m.model > n.model", "n.latent > i.a", **nodes))["i"].array

    a, b = NoiseStream(0, 2).draw(studio.workshop.opener("picture", "auto").card.samplers[0].plan.initial)
    assert np.allclose(between("lerp")[1], (a + b) / 2, atol=1e-6)
    assert np.linalg.norm(between("slerp")[1]) > np.linalg.norm(between("lerp")[1])


def test_that_one_point_alone_cannot_be_gone_between(studio, graph):
    nodes = {"m": ("model", {"model": "cloud"}), "n": ("noise", {"count": 1}), "i": ("interpolate",)}
    assert "one point only" in studio.failure(graph("m.model > n.model", "n.latent > i.a", **nodes))
