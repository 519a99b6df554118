"""The part of a picture that a model is to make anew."""

import numpy as np

NODES = {"m": ("model", {"model": "picture"}), "s": ("sample", {"count": 3})}
LINKS = ("m.model > s.model", "s.samples > k.samples")
PAINTED = ("m.model > p.model", "s.samples > p.source", "k.mask > p.mask")


def test_that_a_mask_marks_a_box_of_a_picture(studio, graph):
    box = {"left": 50, "width": 50, "top": 0, "height": 25}
    made = studio.values(graph(*LINKS, **NODES, k=("mask", box)))["k"]
    assert made.array.shape == (1, 1, 4, 4)
    assert np.argwhere(made.array[0, 0] > 0).tolist() == [[0, 2], [0, 3]]
    other = studio.values(graph(*LINKS, **NODES, k=("mask", {**box, "invert": True})))["k"]
    assert np.array_equal(other.array, -made.array)


def test_that_a_mask_of_points_marks_coordinates(studio, graph):
    nodes = {"m": ("model", {"model": "cloud"}), "s": ("sample",), "k": ("mask", {"left": 50, "width": 50})}
    assert studio.values(graph(*LINKS, **nodes))["k"].array.tolist() == [[-1.0, 1.0]]


def test_that_source_and_mask_reach_the_sampler_by_their_names(studio, graph):
    nodes = {**NODES, "k": ("mask", {"left": 0, "width": 25, "top": 0, "height": 100}), "p": ("sample", {"sampler": "inpaint"})}
    values = studio.values(graph(*LINKS, *PAINTED, **nodes))
    assert (values["p"].array[..., 0] == 9).all()
    assert np.allclose(values["p"].array[..., 1:], values["s"].array[..., 1:])


def test_that_a_missing_mask_is_asked_for(studio, graph):
    nodes = {**NODES, "p": ("sample", {"sampler": "inpaint"})}
    assert "Link a mask" in studio.failure(graph("m.model > s.model", *PAINTED[:2], **nodes))


def test_that_a_mask_without_effect_is_told(studio, graph):
    nodes = {**NODES, "k": ("mask",), "p": ("sample",)}
    events = studio.run(graph(*LINKS, "m.model > p.model", "k.mask > p.mask", **nodes))
    assert "takes no mask" in next(event.note for event in events if event.kind == "node_done" and event.node == "p")
