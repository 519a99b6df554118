"""A text in byte pairs: the same text in fewer symbols, which prompts are written in and samples are read from."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from studio.api import Dataset, StudioError, Tokens
from studio.engine.datasets.byte_pairs import paired
from studio.engine.datasets.catalog import CARDS
from studio.engine.datasets.reference import find, open_dataset
from studio.engine.datasets.text_file import text_dataset
from studio.engine.inspection import inspect_dataset
from studio.engine.models.feeding import prompts, texts, tokenize

cards = {card.id: card for card in CARDS}
DIGEST = """
from hashlib import sha256
from studio.engine.datasets.catalog import CARDS
from studio.engine.datasets.reference import open_dataset
dataset = open_dataset('austen@bpe600', {card.id: card for card in CARDS})
print(sha256(dataset.train.tobytes() + dataset.signature.space.tokenizer.encode()).hexdigest())
"""
TEXT = "Größe und façade, 😀!\n  The cat sat on the mat; the rat sat on the hat.\n" * 80


def space(dataset: Dataset) -> Tokens:
    assert isinstance(dataset.signature.space, Tokens)
    return dataset.signature.space


def whole(dataset: Dataset) -> str:
    return "".join(texts(np.array([stream]), space(dataset))[0] for stream in (dataset.train, dataset.validation))


def test_that_byte_pairs_say_the_same_text_in_fewer_symbols():
    plain = text_dataset(TEXT.encode(), "a")
    dataset = paired(plain, 400)
    assert whole(dataset) == TEXT
    assert len(dataset.train) < len(plain.train) / 3
    assert max(map(len, space(dataset).vocabulary)) > 2


def test_that_the_bytes_of_all_symbols_are_those_of_the_text():
    plain = text_dataset(TEXT.encode(), "a")
    for dataset in (plain, paired(plain, 400), text_dataset(TEXT.encode() + b"\xff", "b")):
        counts = np.array(space(dataset).byte_counts)
        whole_stream = np.concatenate([dataset.train, dataset.validation])
        assert counts[whole_stream].sum() == len(TEXT.encode()) + (dataset.signature.space.vocab_size == 256)


def test_that_a_text_of_many_different_characters_keeps_them():
    content = "".join(map(chr, range(0x4E00, 0x4E00 + 600))) * 5
    assert whole(paired(text_dataset(content.encode(), "a"), 1024)) == content


def test_that_the_held_out_part_has_no_say_in_the_pairs():
    other = TEXT[: int(0.9 * len(TEXT))] + "zyzzyva " * (len(TEXT) // 80)
    assert not any("zy" in piece for piece in space(paired(text_dataset(other.encode(), "a"), 400)).vocabulary)


def test_that_a_prompt_is_written_as_the_text_was_and_an_empty_one_is_a_new_line():
    dataset = paired(text_dataset(TEXT.encode(), "a"), 400)
    known = space(dataset)
    start = texts(dataset.train[None, :12], known)[0]
    assert tokenize(start, known) == dataset.train[:12].tolist()
    assert texts(prompts("", known, 1), known) == ["\n"]
    assert texts(prompts("Zürich 🙂", known, 1), known) == ["Zürich 🙂"]


def test_that_a_symbol_cut_out_of_a_character_reads_as_unreadable():
    known = space(paired(text_dataset(TEXT.encode(), "a"), 257))
    assert texts(np.array([tokenize("ö", known)[:1]]), known) == ["\ufffd"]


def test_that_any_text_is_asked_for_in_byte_pairs_by_its_reference(tmp_path: Path):
    (tmp_path / "a.txt").write_text(TEXT, "utf-8")
    for reference, length in ((f"{tmp_path}/a.txt@bpe280", 64), (f"{tmp_path}/a.txt@24@bpe280", 24)):
        found = space(open_dataset(reference, cards))
        assert (found.vocab_size, found.length) == (280, length)
        assert find(reference).path == tmp_path / "a.txt"
    (tmp_path / "b@bpe280").write_text(TEXT, "utf-8")
    assert not space(open_dataset(f"{tmp_path}/b@bpe280", cards)).tokenizer


def test_that_a_card_in_byte_pairs_is_named_after_it():
    info = inspect_dataset("austen@bpe280", cards)
    assert (info.card.id, info.card.title) == ("austen@bpe280", "Jane Austen in byte pairs")


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("digits@bpe1024", "this is image"),
        ("austen@bpe12", "257 to 32,768 symbols, not 12"),
        ("ausen@bpe512", "Did you mean austen"),
    ],
)
def test_that_what_cannot_be_had_is_refused_in_words(reference: str, why: str):
    with pytest.raises(StudioError, match=why):
        open_dataset(reference, cards)


def test_that_bytes_that_are_no_utf8_are_refused_in_words(tmp_path: Path):
    (tmp_path / "a.bin").write_bytes(bytes(range(256)) * 20)
    with pytest.raises(StudioError, match="Byte pairs need a text in UTF-8"):
        open_dataset(f"{tmp_path}/a.bin@bpe512", cards)


def test_that_another_process_learns_the_same_pairs():
    runs = {subprocess.run([sys.executable, "-c", DIGEST], capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert len(runs) == 1
