"""Samples that no model made: of data sets, of the user's files."""

import numpy as np
import pytest
from PIL import Image as Pillow

from studio.api import Image, Table, Tokens
from studio.engine.datasets.catalog import CARDS
from studio.engine.datasets.reference import open_dataset
from studio.engine.nodes.data import identity as of_data
from studio.engine.nodes.picture import identity as of_picture

KNOWN = {card.id: card for card in CARDS}


@pytest.fixture
def shelf(studio):
    """The studio, with the data sets that ship."""
    from dataclasses import replace

    studio.workshop = replace(studio.workshop, library=lambda reference: open_dataset(reference, KNOWN))
    return studio


def test_that_held_out_samples_of_a_class_come_in_order(shelf, graph):
    made = shelf.values(graph(d=("data", {"data": "digits", "label": "7", "first": 2, "count": 3})))["d"]
    digits = open_dataset("digits", KNOWN)
    assert np.array_equal(made.array, digits.validation[digits.validation_labels == 7][2:5])
    assert isinstance(made.space, Image)


def test_that_a_text_comes_as_windows_and_a_table_as_rows(shelf, graph):
    made = shelf.values(graph(t=("data", {"data": "austen", "count": 5}), r=("data", {"data": "iris", "count": 4})))
    assert isinstance(made["t"].space, Tokens)
    assert made["t"].array.shape == (5, made["t"].space.length)
    assert isinstance(made["r"].space, Table)
    assert len(made["r"].array) == 4


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"data": "digit"}, "Did you mean digits"), ({"data": "digits", "label": "ten"}, "There is no class 'ten'"),
        ({"data": "digits", "first": 1000}, "There are 300 such samples"), ({"data": "austen", "label": "x"}, "there are: none"),
    ],
)  # fmt: skip
def test_that_what_is_not_there_is_told(shelf, graph, values, words):
    assert words in shelf.failure(graph(d=("data", values)))


def test_that_a_folder_is_read_again_only_when_a_file_changes(tmp_path):
    (tmp_path / "notes.txt").write_text("a" * 200)
    before = of_data({"data": str(tmp_path)})
    assert of_data({"data": str(tmp_path)}) == before
    (tmp_path / "notes.txt").write_text("b" * 201)
    assert of_data({"data": str(tmp_path)}) != before


def test_that_a_picture_is_cropped_to_a_square_of_the_asked_size(studio, graph, tmp_path):
    Pillow.new("RGB", (40, 20), (255, 0, 0)).save(tmp_path / "red.png")
    made = studio.values(graph(p=("picture", {"file": str(tmp_path / "red.png"), "size": 8})))["p"]
    assert made.array.shape == (1, 3, 8, 8)
    assert made.array[0, :, 0, 0].tolist() == [1.0, -1.0, -1.0]
    grey = studio.values(graph(p=("picture", {"file": str(tmp_path / "red.png"), "size": 8, "grey": True})))["p"]
    assert grey.array.shape == (1, 1, 8, 8)


def test_that_a_file_that_is_no_picture_is_told(studio, graph, tmp_path):
    (tmp_path / "cat.png").write_text("meow")
    assert "cat.png cannot be used: it is not a picture" in studio.failure(
        graph(p=("picture", {"file": str(tmp_path / "cat.png")}))
    )
    assert "Give the path" in studio.failure(graph(p=("picture", {})))


def test_that_a_changed_picture_is_read_again(tmp_path):
    file = tmp_path / "a.png"
    Pillow.new("L", (8, 8)).save(file)
    before = of_picture({"file": str(file)})
    Pillow.new("L", (9, 9)).save(file)
    assert of_picture({"file": str(file)}) != before
