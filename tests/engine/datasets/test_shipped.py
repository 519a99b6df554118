from pathlib import Path

import numpy as np
import pytest

from studio.api import StudioError, Tokens
from studio.engine.datasets.catalog import CARDS
from studio.engine.datasets.reference import open_dataset
from studio.home import resources

cards = {card.id: card for card in CARDS}
SIZES = {
    "digits": (1497, 300, (1, 8, 8), 10),
    "mnist": (4500, 500, (1, 28, 28), 10),
    "emoji": (3290, 365, (3, 32, 32), 9),
    "emoji_faces": (194, 10, (3, 32, 32), 11),
}


@pytest.mark.parametrize("name", SIZES)
def test_that_a_shipped_picture_set_has_its_pictures_labels_and_range(name: str) -> None:
    train, held_out, shape, classes = SIZES[name]
    dataset = open_dataset(name, cards)
    assert dataset.train.shape == (train, *shape) == (train, *dataset.signature.space.shape)
    assert dataset.validation.shape == (held_out, *shape)
    assert dataset.train.dtype == np.float32
    assert dataset.train.min() == -1
    assert dataset.train.max() == 1
    assert dataset.train_labels is not None
    assert dataset.train_labels.dtype == np.int64
    assert len(dataset.signature.classes) == classes
    assert set(dataset.train_labels) == set(range(classes))


@pytest.mark.parametrize("name", ["digits", "mnist"])
def test_that_no_picture_is_in_both_parts(name: str) -> None:
    dataset = open_dataset(name, cards)
    assert not {picture.tobytes() for picture in dataset.train} & {picture.tobytes() for picture in dataset.validation}


def test_that_the_first_pictures_of_mnist_are_a_fair_sample() -> None:
    dataset = open_dataset("mnist", cards)
    assert dataset.validation_labels is not None
    assert len(set(dataset.validation_labels[:100])) == 10
    assert np.bincount(dataset.validation_labels).tolist() == [50] * 10


def test_that_digits_have_seventeen_levels() -> None:
    assert len(np.unique(open_dataset("digits", cards).train)) == 17


def test_that_each_emoji_has_its_english_name() -> None:
    dataset = open_dataset("emoji", cards)
    assert len(dataset.captions) == len(dataset.train)
    place = dataset.captions.index("red apple")
    apple = dataset.train[place]
    assert apple[0].mean() > apple[1].mean()
    assert dataset.train_labels is not None
    assert dataset.signature.classes[dataset.train_labels[place]] == "Food & Drink"


def test_that_the_second_half_of_the_faces_mirrors_the_first() -> None:
    dataset = open_dataset("emoji_faces", cards)
    half = len(dataset.train) // 2
    assert np.array_equal(dataset.train[half:], dataset.train[:half, ..., ::-1])
    assert dataset.captions[half:] == dataset.captions[:half]


def test_that_the_shipped_text_reads_as_prose() -> None:
    dataset = open_dataset("austen", cards)
    assert isinstance(dataset.signature.space, Tokens)
    vocabulary = dataset.signature.space.vocabulary
    start = "".join(vocabulary[k] for k in dataset.train[:100])
    assert start.startswith("PRIDE AND PREJUDICE\nBy Jane Austen\nChapter 1\nIt is a truth universally")
    assert len(vocabulary) == 78
    assert len(dataset.train) == int(0.9 * (len(dataset.train) + len(dataset.validation)))


@pytest.mark.parametrize("name", ["digits", "mnist", "emoji", "austen"])
def test_that_shipped_data_comes_with_its_licence(name: str) -> None:
    note = (resources() / "data" / f"{name}.LICENCE.txt").read_text("utf-8").lower()
    assert "license" in note or "licence" in note


def test_that_a_missing_file_of_the_installation_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.datasets.shipped.resources", lambda: tmp_path)
    with pytest.raises(StudioError, match="'digits' is missing from this installation"):
        open_dataset("digits", cards)
