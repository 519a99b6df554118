"""Words, classes and sliders as the tensors that graphs take."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.api.errors import StudioError
from studio.api.params import Parameter, settle
from studio.api.sampler import Port
from studio.api.space import Signature, Tokens
from studio.api.words import split_words, unknown_words, write_words
from studio.engine.render import BYTES, decode

Array = NDArray[Any]


def feed_inputs(ports: Sequence[Port], given: Mapping[str, Any], n: int, signature: Signature) -> dict[str, Array]:
    """Every input port with n rows; a label that is not given is "any", a text the first symbol, other optional ones zeros.

    Numbers that are not given are spread evenly from 0 to just below 1. Words for a model that makes something else than text
    are written with the vocabulary of its captions.

    Raises:
        StudioError: an unknown name, something missing, or a value that does not fit its port.
    """
    known = {port.name: port for port in ports}
    if unknown := sorted(set(given) - set(known)):
        raise StudioError(f"There is no input '{unknown[0]}'; there are: {', '.join(known) or 'none'}.")
    return {name: _feed(port, given.get(name), n, signature) for name, port in known.items()}


def feed_controls(parameters: Sequence[Parameter], values: Mapping[str, Any]) -> dict[str, Array]:
    """Each control as a scalar: float32, or int64 for whole numbers, switches and the index of a choice.

    Raises:
        StudioError: an unknown name, or a value outside its limits (which are named).
    """
    settled = settle(parameters, values)
    return {parameter.name: _scalar(parameter, settled[parameter.name]) for parameter in parameters}


def _scalar(parameter: Parameter, value: Any) -> Array:
    if parameter.kind == "number":
        return np.array(value, np.float32)
    return np.array(parameter.choices.index(value) if parameter.kind == "choice" else int(value), np.int64)


def _feed(port: Port, value: Any, n: int, signature: Signature) -> Array:
    if port.kind == "label":
        return classes(value, signature.classes, n)
    if port.kind == "text" and (value is None or isinstance(value, str) or _all_strings(value)):
        if signature.words and not isinstance(signature.space, Tokens):
            return words(value or "", signature.words.model_copy(update={"length": port.shape[0]}), n)
        return prompts(value or "", signature.space, n, port.longest)
    if value is None and port.kind == "number":
        return (np.arange(n) / n).astype(np.float32)
    if value is None and not port.optional:
        raise StudioError(f"The input '{port.name}' is missing.")
    if value is None:
        return np.zeros((n, *(1 if size < 0 else size for size in port.shape)), port.dtype)
    return _fit(port, np.asarray(value), n)


def _all_strings(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(part, str) for part in value)  # pyright: ignore[reportUnknownVariableType]


def _fit(port: Port, array: Array, n: int) -> Array:
    fits = array.ndim == len(port.shape) + 1 and all(
        size in (-1, seen) for size, seen in zip(port.shape, array.shape[1:], strict=True)
    )
    if not fits or len(array) != n:
        raise StudioError(f"'{port.name}' must have the shape {(n, *port.shape)}, not {array.shape}.")
    if port.longest and array.shape[1] > port.longest:
        array = array[:, -port.longest :]
    return np.ascontiguousarray(array, port.dtype)


def classes(value: Any, names: Sequence[str], n: int) -> NDArray[np.int64]:
    """Indices (n,) of a class by name or number, "any" or None (which is the number of classes), or of one per sample."""
    words = list(value) if isinstance(value, list | tuple | np.ndarray) else [value]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    indices = [_class(word, names) for word in words]  # pyright: ignore[reportUnknownVariableType]
    if len(indices) not in (1, n):
        raise StudioError(f"There are {len(indices)} labels for {n} samples. Give one, or one for each.")
    return np.resize(np.array(indices, np.int64), n)


def _class(word: Any, names: Sequence[str]) -> int:
    if word is None or (word == "any" and "any" not in names):
        return len(names)
    text = str(word)
    if text in names:
        return names.index(text)
    if text.isdecimal() and int(text) <= len(names):
        return int(text)
    shown = ", ".join(names[:12]) + (" …" if len(names) > 12 else "")
    raise StudioError(f"There is no class '{word}'; there are: {shown or 'none'}, or any.")


def prompts(value: str | Sequence[str], space: Any, n: int, longest: int = 0) -> NDArray[np.int64]:
    """Symbols (n, length) of one text, or of one per sample; an empty text is the first symbol.

    Raises:
        StudioError: characters that are not in the vocabulary (which are named), or texts of different lengths.
    """
    texts = [value] if isinstance(value, str) else list(value)
    if not isinstance(space, Tokens):
        raise StudioError("This model does not say how it writes words, so it takes no text.")
    rows = [(tokenize(text, space) or [0])[-longest:] for text in texts]
    if len(rows) not in (1, n) or len({len(row) for row in rows}) != 1:
        raise StudioError(f"Give one text, or {n} texts of the same number of symbols.")
    return np.resize(np.array(rows, np.int64), (n, len(rows[0])))


def words(value: str | Sequence[str], known: Tokens, n: int) -> NDArray[np.int64]:
    """Rows of words (n, known.length) of one text, or of one per sample; an empty text is padding alone.

    Where the vocabulary has a tokenizer of its own, its rules make every row that long.

    Raises:
        StudioError: no word of a text is known (words like them are named), or their number is wrong.
    """
    given = [value] if isinstance(value, str) else list(value)
    if len(given) not in (1, n):
        raise StudioError(f"There are {len(given)} texts for {n} samples. Give one, or one for each.")
    rows = np.array([tokenize(text, known) for text in given]) if known.tokenizer else _known_words(given, known)
    return np.resize(rows, (n, known.length))


def _known_words(texts: Sequence[str], known: Tokens) -> NDArray[np.int64]:
    rows = write_words(texts, known)
    for text in (text for text, row in zip(texts, rows, strict=True) if text.strip() and not row.any()):
        raise StudioError(f"This model does not know {_strange(text, known)}. Describe it in other words.")
    return rows


def left_out(texts: Iterable[str], known: Tokens | None) -> str:
    """What of some prompts a model cannot use, in words; empty where it can use all."""
    notes = dict[str, None]()
    for text in texts if known else ():
        assert known
        if known.tokenizer:
            notes |= dict.fromkeys(_cut_off(text, known))
            continue
        if unknown_words(text, known):
            notes[f"Left out, because the model does not know it: {_strange(text, known)}."] = None
        if len(split_words(text)) > known.length:
            notes[f"Only the first {known.length} words that the model knows are read."] = None
    return " ".join(notes)


def _cut_off(text: str, known: Tokens) -> Iterator[str]:
    if _tokenizer(known.tokenizer).encode(text).overflowing:
        yield f"The model reads {known.length} symbols, so the end of the prompt is left out."


def _strange(text: str, known: Tokens) -> str:
    """The unknown words of a text, each with known ones like it."""
    near = {word: get_close_matches(word, known.vocabulary, n=2) for word in unknown_words(text, known)}
    shown = [f"'{word}'" + (f" (it knows {' and '.join(like)})" if like else "") for word, like in near.items()]
    return ", ".join(shown) or f"'{text.strip()}'"


def tokenize(text: str, space: Tokens) -> list[int]:
    """Indices of the symbols of a text: byte pairs, UTF-8 bytes where the vocabulary is those, or the longest that fits first."""
    vocabulary = space.vocabulary
    if space.tokenizer:
        return _tokenizer(space.tokenizer).encode(text).ids
    if vocabulary == BYTES:
        return list(text.encode())
    places = {symbol: place for place, symbol in enumerate(vocabulary)}
    if unknown := dict.fromkeys(character for character in text if character not in "".join(vocabulary)):
        raise StudioError(f"This model does not know {', '.join(map(repr, unknown))}. Leave that out of the text.")
    found, at, longest = list[int](), 0, max(map(len, vocabulary))
    while at < len(text):
        symbol = next((text[at : at + size] for size in range(longest, 0, -1) if text[at : at + size] in places), None)
        if symbol is None:
            raise StudioError(f"This model does not know {text[at]!r} in this place. Leave that out of the text.")
        found.append(places[symbol])
        at += len(symbol)
    return found


@lru_cache(maxsize=8)
def _tokenizer(rules: str) -> Any:
    from tokenizers import Tokenizer

    try:
        return Tokenizer.from_str(rules)
    except Exception as error:  # the library raises nothing more special
        raise StudioError(f"This model's rules for writing words as byte pairs cannot be read ({error}).") from error


def texts(tokens: Array, space: Tokens) -> list[str]:
    """Token samples (n, length) as texts; places that are not written (-1) are left out."""
    return [decode(row, space) for row in tokens]
