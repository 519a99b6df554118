"""Byte pairs: a text in pieces that occur often, instead of in characters; trained on the text itself.

Source: Sennrich et al., Neural Machine Translation of Rare Words with Subword Units, 2015, https://arxiv.org/abs/1508.07909;
on bytes: Radford et al. (GPT-2), 2019. The work is done by the `tokenizers` library.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from studio.api import Dataset, Signature, StudioError, Tokens
from studio.engine.render import BYTES

SMALLEST, LARGEST = 257, 32_768
PART = 2**16
_PRINTABLE = (*range(33, 127), *range(161, 173), *range(174, 256))
_HIDDEN = [byte for byte in range(256) if byte not in _PRINTABLE]
_SPELLING = {chr(byte): chr(byte) for byte in _PRINTABLE} | {chr(256 + k): chr(byte) for k, byte in enumerate(_HIDDEN)}
"""How the library writes each byte (GPT-2's table), and the character of that number."""
_NEW_LINE = chr(256 + _HIDDEN.index(10))


def paired(dataset: Dataset, vocab_size: int) -> Dataset:
    """The same text in at most `vocab_size` byte pairs, learned from the training part; a symbol is its bytes as Latin-1.

    Raises:
        StudioError: it is no text, not UTF-8, too short, or the number is outside 257 to 32,768.
    """
    space = dataset.signature.space
    if not isinstance(space, Tokens):
        raise StudioError(f"Byte pairs are for texts; this is {space.kind}. Leave '@bpe{vocab_size}' out.")
    if not SMALLEST <= vocab_size <= LARGEST:
        raise StudioError(f"A vocabulary of byte pairs has {SMALLEST} to {LARGEST:,} symbols, not {vocab_size}.")
    train, held_out = _parts(dataset, space)
    tokenizer = _train(train, vocab_size)
    streams = [_encode(tokenizer, text) for text in (train, held_out)]
    length = min(space.length, len(streams[1]) - 1, len(streams[0]) - 1)
    if length < 2:
        raise StudioError("The text is too short for byte pairs; use its characters.")
    pieces = sorted(tokenizer.get_vocab().items(), key=lambda piece: piece[1])
    vocabulary = tuple("".join(_SPELLING[letter] for letter in piece) for piece, _ in pieces)
    found = Tokens(vocabulary=vocabulary, length=length, tokenizer=tokenizer.to_str())
    return replace(dataset, signature=Signature(space=found), train=streams[0], validation=streams[1])


def _parts(dataset: Dataset, space: Tokens) -> tuple[str, str]:
    whole = "".join(map(space.vocabulary.__getitem__, np.concatenate([dataset.train, dataset.validation]).tolist()))
    if space.vocabulary == BYTES:
        try:
            whole = whole.encode("latin-1").decode()
        except UnicodeDecodeError:
            raise StudioError("Byte pairs need a text in UTF-8, and this is none. Leave '@bpe' out to use its bytes.") from None
    border = int(0.9 * len(whole))
    return whole[:border], whole[border:]


def _train(text: str, vocab_size: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=vocab_size, initial_alphabet=alphabet, show_progress=False, special_tokens=[])
    tokenizer.train_from_iterator(_pieces(text), trainer)
    return _led_by_a_new_line(tokenizer)


def _led_by_a_new_line(tokenizer: Tokenizer) -> Tokenizer:
    """The same with the new line as symbol 0, which a text begins with that has no other beginning."""
    rules: dict[str, Any] = json.loads(tokenizer.to_str())
    vocabulary: dict[str, int] = rules["model"]["vocab"]
    first = next(piece for piece, number in vocabulary.items() if number == 0)
    vocabulary[first], vocabulary[_NEW_LINE] = vocabulary[_NEW_LINE], 0
    return Tokenizer.from_str(json.dumps(rules))


def _encode(tokenizer: Tokenizer, text: str) -> NDArray[np.int64]:
    encoded = tokenizer.encode_batch_fast(list(_pieces(text)))
    return np.array([number for part in encoded for number in part.ids], np.int64)


def _pieces(text: str) -> Iterator[str]:
    """The text in parts of whole lines where lines are not very long."""
    lines, size = list[str](), 0
    for line in text.splitlines(keepends=True):
        lines.append(line)
        size += len(line)
        if size >= PART:
            yield "".join(lines)
            lines, size = [], 0
    yield "".join(lines)
