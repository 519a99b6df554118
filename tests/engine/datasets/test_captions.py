"""Captions beside pictures, in the layouts that other trainers use."""

from pathlib import Path

import pytest
from PIL import Image

from studio.api import Dataset
from studio.engine.datasets.catalog import CARDS
from studio.engine.datasets.reference import open_dataset

cards = {card.id: card for card in CARDS}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for k, colour in enumerate(("red", "green", "blue", "white")):
        Image.new("RGB", (16, 16), colour).save(tmp_path / f"{colour}{k}.png")
    return tmp_path


def captions(folder: Path) -> set[str]:
    dataset = open_dataset(str(folder), cards)
    return {*dataset.captions, *dataset.validation_captions}


def reasons(dataset: Dataset) -> dict[str, str]:
    return {problem.file: problem.reason for problem in dataset.problems}


def test_that_a_text_file_of_the_same_name_is_the_caption_and_no_problem(folder: Path) -> None:
    (folder / "red0.txt").write_text("a  red\nsquare")
    (folder / "green1.caption").write_text("\ufeffa green square")
    (folder / "notes.txt").write_text("of no picture")
    dataset = open_dataset(str(folder), cards)
    assert captions(folder) == {"a red square", "a green square", ""}
    assert set(reasons(dataset)) == {"notes.txt"}
    assert dataset.signature.words is not None
    assert "square" in dataset.signature.words.vocabulary


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("metadata.jsonl", '{"file_name": "red0.png", "text": "a red square"}\n\n{"file_name": "blue2.png", "text": "blue"}\n'),
        ("captions.csv", 'file,caption\nred0.png,"a red square"\nblue2.png,blue\n'),
        ("metadata.csv", "file_name,prompt\nred0.png,a red square\nblue2.png,blue\n"),
    ],
)
def test_that_a_table_gives_captions(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    assert captions(folder) == {"a red square", "blue", ""}
    assert not open_dataset(str(folder), cards).problems


def test_that_a_table_in_a_subfolder_is_about_that_folder(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    Image.new("RGB", (16, 16), "black").save(inner / "red0.png")
    (inner / "metadata.jsonl").write_text('{"file_name": "red0.png", "text": "black in truth"}')
    dataset = open_dataset(str(folder), cards)
    assert captions(folder) == {"black in truth", ""}
    assert {("inner",), ()} >= set(dataset.tags)


@pytest.mark.parametrize(
    ("text", "reason"),
    [('{"file_name": "red0.png"}', "lacks text or caption"), ("[1]", "not an object"), ("{", "no table of captions")],
)
def test_that_a_broken_table_is_named_with_its_reason_and_the_pictures_used(folder: Path, text: str, reason: str) -> None:
    (folder / "metadata.jsonl").write_text(text)
    dataset = open_dataset(str(folder), cards)
    assert reason in reasons(dataset)["metadata.jsonl"]
    assert len(dataset.train) + len(dataset.validation) == 4
    assert dataset.captions == ()


def test_that_a_caption_that_is_no_text_is_named(folder: Path) -> None:
    (folder / "red0.txt").write_bytes(b"\xff\xfe\x00")
    assert reasons(open_dataset(str(folder), cards))["red0.txt"] == "its text is not UTF-8"


def test_that_each_caption_stays_with_its_picture(folder: Path) -> None:
    for picture in folder.glob("*.png"):
        picture.with_suffix(".txt").write_text(picture.stem.rstrip("0123456789"))
    dataset = open_dataset(str(folder), cards)
    colours = {"red": (1, -1, -1), "green": (-1, 0, -1), "blue": (-1, -1, 1), "white": (1, 1, 1)}
    for picture, caption in zip(dataset.train, dataset.captions, strict=True):
        assert picture[:, 8, 8].round().tolist() == list(colours[caption])


def test_that_classes_are_the_words_where_there_are_no_captions() -> None:
    dataset = open_dataset("mnist", cards)
    assert dataset.train_labels is not None
    assert dataset.captions[:5] == tuple(dataset.signature.classes[label] for label in dataset.train_labels[:5])
    assert len(dataset.validation_captions) == len(dataset.validation)


def test_that_points_have_no_words() -> None:
    assert open_dataset("moons", cards).signature.words is None


def test_that_an_emoji_s_tags_are_its_group_and_subgroup() -> None:
    dataset = open_dataset("emoji", cards)
    assert dataset.tags[dataset.captions.index("red apple")] == ("Food & Drink", "food-fruit")
    assert len(dataset.validation_captions) == 365
