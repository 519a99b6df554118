"""Words as numbers."""

import numpy as np

from studio.api.words import PADDING, read_words, split_words, unknown_words, vocabulary_of, write_words

CAPTIONS = ["red apple", "flag: St. Vincent & Grenadines", "woman: medium-light skin tone"]


def test_that_punctuation_case_and_hyphens_make_no_difference():
    assert split_words("Medium-Light SKIN_tone!") == split_words("medium light skin tone")
    assert split_words("don\u2019t (keycap: #) \u2013 \u201c1st\u201d") == ["don't", "keycap", "#", "1st"]


def test_that_a_caption_comes_back_as_its_words():
    words = vocabulary_of(CAPTIONS)
    assert read_words(write_words(CAPTIONS, words), words) == [
        "red apple",
        "flag st vincent & grenadines",
        "woman medium light skin tone",
    ]


def test_that_an_empty_text_is_padding_alone_and_unknown_words_leave_no_gap():
    words = vocabulary_of(CAPTIONS)
    rows = write_words(["", "a red, juicy apple"], words)
    assert (rows[0] == PADDING).all()
    assert rows[1].tolist() == write_words(["red apple"], words)[0].tolist()
    assert unknown_words("a red, juicy apple, a", words) == ["a", "juicy"]


def test_that_there_is_room_for_the_longest_caption_and_no_more_is_written():
    words = vocabulary_of([" ".join(f"word{k}" for k in range(30))])
    assert words.length == 30
    assert write_words(["word1 " * 99], words).shape == (1, 30)
    assert vocabulary_of(["word " * 999]).length == 64


def test_that_of_too_many_words_the_commonest_are_kept_whatever_their_order():
    texts = [f"rare{k} often" for k in range(17_000)]
    words = vocabulary_of(texts)
    assert words.vocab_size == 16_384
    assert "often" in words.vocabulary
    assert vocabulary_of(texts[::-1]) == words


def test_that_words_of_other_texts_are_known_too():
    assert write_words(["animal"], vocabulary_of(["cat"], ["animal-mammal"]))[0, 0] != PADDING


def test_that_rows_are_whole_numbers():
    assert write_words(["red"], vocabulary_of(CAPTIONS)).dtype == np.int64
