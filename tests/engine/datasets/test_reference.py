import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.api import Dataset, DatasetCard, StudioError, Tokens
from studio.engine.datasets.catalog import CARDS
from studio.engine.datasets.reference import open_dataset

cards = {card.id: card for card in CARDS}


def text(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


def tokens(reference: str) -> Tokens:
    space = open_dataset(reference, cards).signature.space
    assert isinstance(space, Tokens)
    return space


def decoded(dataset: Dataset) -> str:
    assert isinstance(dataset.signature.space, Tokens)
    return "".join(dataset.signature.space.vocabulary[k] for k in np.concatenate([dataset.train, dataset.validation]))


def test_that_an_unknown_name_is_answered_with_close_ones() -> None:
    with pytest.raises(StudioError, match=r"no data set, folder or file called 'digit'. Did you mean digits"):
        open_dataset("digit", cards)
    with pytest.raises(StudioError, match="There are: eight_gaussians"):
        open_dataset("qqqq", cards)


@pytest.mark.parametrize("name", ["a" * 5000, "nul\0byte", "~nobody_of_this_name/x", "", "@32"])
def test_that_a_name_no_file_can_have_is_refused_in_words(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudioError):
        open_dataset(name, cards)


def test_that_the_number_behind_the_at_sign_is_the_size_of_pictures_and_the_length_of_texts(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    Image.new("RGB", (50, 50), "red").save(tmp_path / "pictures" / "a.png")
    assert open_dataset(str(tmp_path / "pictures"), cards).signature.space.shape == (3, 32, 32)
    assert open_dataset(f"{tmp_path}/pictures@16", cards).signature.space.shape == (3, 16, 16)
    notes = text(tmp_path / "notes.txt", b"to be or not to be " * 300)
    assert tokens(notes).length == 64
    assert tokens(f"{notes}@128").length == 128


def test_that_a_folder_whose_own_name_ends_in_a_number_is_found(tmp_path: Path) -> None:
    (tmp_path / "cats@64").mkdir()
    Image.new("RGB", (50, 50), "red").save(tmp_path / "cats@64" / "a.png")
    assert open_dataset(f"{tmp_path}/cats@64", cards).signature.space.shape == (3, 32, 32)
    assert open_dataset(f"{tmp_path}/cats@64@8", cards).signature.space.shape == (3, 8, 8)


def test_that_a_text_becomes_its_characters_sorted_and_is_split_nine_to_one(tmp_path: Path) -> None:
    content = "Größe, façade, 😀!\n" * 100
    dataset = open_dataset(text(tmp_path / "a.txt", b"\xef\xbb\xbf" + content.encode()), cards)
    assert tokens(str(tmp_path / "a.txt")).vocabulary == tuple(sorted(set(content)))
    assert decoded(dataset) == content
    assert len(dataset.train) == int(0.9 * len(content))
    assert dataset.train.dtype == np.int64


@pytest.mark.parametrize("content", [bytes(range(256)) * 20, "".join(map(chr, range(0x4E00, 0x4E00 + 600))).encode() * 5])
def test_that_what_is_no_utf8_or_has_too_many_characters_is_kept_as_bytes(tmp_path: Path, content: bytes) -> None:
    dataset = open_dataset(text(tmp_path / "a.bin", content), cards)
    assert tokens(str(tmp_path / "a.bin")).vocab_size == 256
    assert bytes(np.concatenate([dataset.train, dataset.validation]).tolist()) == content


def test_that_windows_shrink_to_a_short_text_and_a_very_short_one_is_refused(tmp_path: Path) -> None:
    assert tokens(text(tmp_path / "short.txt", b"abcdefghij" * 20)).length == 19
    with pytest.raises(StudioError, match="only 30 characters; at least 90"):
        open_dataset(text(tmp_path / "tiny.txt", b"abc" * 10), cards)


def test_that_pipes_empty_files_and_single_pictures_are_refused_in_words(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(StudioError, match="named pipe"):
        open_dataset(str(tmp_path / "pipe.txt"), cards)
    with pytest.raises(StudioError, match="empty"):
        open_dataset(text(tmp_path / "empty.txt", b""), cards)
    with pytest.raises(StudioError, match="single picture"):
        open_dataset(text(tmp_path / "one.png", b"x"), cards)


def test_that_a_card_whose_loader_is_gone_names_it() -> None:
    card = DatasetCard(id="lost", title="", summary="", kind="points", licence="", loader="studio.engine.datasets.gone:load")
    with pytest.raises(StudioError, match=r"'lost' cannot be loaded.*gone:load"):
        open_dataset("lost", {"lost": card})
