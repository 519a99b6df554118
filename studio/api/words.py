"""Words as numbers: how captions and prompts are written for models that make pictures from words."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from studio.api.space import Tokens

PADDING = 0
"""The symbol after the last word, whose text is empty; a row of nothing else is an empty prompt."""
SHORTEST, LONGEST = 16, 64
MOST = 16_384
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*|[^\w\s]")
_SIGNS = "#&*%@"


def split_words(text: str) -> list[str]:
    """The words of a text in lower case, without punctuation; signs such as & and # are words.

    Example:
        >>> split_words("Flag: St. Vincent & the Grenadines")
        ['flag', 'st', 'vincent', '&', 'the', 'grenadines']
    """
    found = _WORD.findall(unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'"))
    return [word for word in found if word[0].isalnum() or word in _SIGNS or unicodedata.category(word[0])[0] == "S"]


def vocabulary_of(captions: Iterable[str], others: Iterable[str] = ()) -> Tokens:
    """Every word of the captions and of other texts, the padding first; of more than 16,383 words the commonest.

    A row has room for the longest caption, and for 16 to 64 words.

    Example:
        >>> vocabulary_of(["red apple", "green apple"]).vocabulary
        ('', 'apple', 'green', 'red')
    """
    rows = [split_words(caption) for caption in captions]
    counts = Counter(word for row in rows for word in row)
    counts.update(word for text in others for word in split_words(text))
    words = sorted(sorted(counts, key=lambda word: (-counts[word], word))[: MOST - 1])
    longest = max(map(len, rows), default=0)
    return Tokens(vocabulary=("", *words), length=min(max(SHORTEST, longest), LONGEST))


def unknown_words(text: str, words: Tokens) -> list[str]:
    """The words of a text that are not in the vocabulary, each once."""
    known = set(words.vocabulary)
    return list(dict.fromkeys(word for word in split_words(text) if word not in known))


def write_words(texts: Sequence[str], words: Tokens) -> NDArray[np.int64]:
    """Texts as rows (n, words.length); unknown words are left out, and what does not fit is cut off."""
    places = {word: place for place, word in enumerate(words.vocabulary)}
    rows = np.full((len(texts), words.length), PADDING, np.int64)
    for row, text in zip(rows, texts, strict=True):
        known = [places[word] for word in split_words(text) if word in places][: words.length]
        row[: len(known)] = known
    return rows


def read_words(rows: NDArray[np.int64], words: Tokens) -> list[str]:
    """Rows (n, t) as texts: the words with blanks between."""
    return [" ".join(filter(None, (words.vocabulary[place] for place in row))) for row in rows.tolist()]
