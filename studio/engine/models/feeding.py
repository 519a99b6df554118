"""Words, classes and sliders as the tensors that graphs take."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.api.errors import StudioError
from studio.api.params import Parameter, settle
from studio.api.sampler import Port
from studio.api.space import Signature, Tokens

Array = NDArray[Any]
BYTES = tuple(map(chr, range(256)))
"""The vocabulary of a text kept as bytes: symbol k stands for byte k."""


def feed_inputs(ports: Sequence[Port], given: Mapping[str, Any], n: int, signature: Signature) -> dict[str, Array]:
    """Every input port with n rows; a label that is not given is "any", a text the first symbol, other optional ones zeros.

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
        return prompts(value or "", signature.space, n, port.longest)
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
    rows = [(tokenize(text, space.vocabulary) or [0])[-longest:] for text in texts]
    if len(rows) not in (1, n) or len({len(row) for row in rows}) != 1:
        raise StudioError(f"Give one text, or {n} texts of the same number of symbols.")
    return np.resize(np.array(rows, np.int64), (n, len(rows[0])))


def tokenize(text: str, vocabulary: Sequence[str]) -> list[int]:
    """Indices of the symbols of a text, the longest that fits first; a vocabulary of 256 bytes takes its UTF-8 bytes."""
    if tuple(vocabulary) == BYTES:
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


def texts(tokens: Array, space: Tokens) -> list[str]:
    """Token samples (n, length) as texts; places that are not written (-1) are left out."""
    lines = ["".join(space.vocabulary[token] for token in row if token >= 0) for row in tokens.tolist()]
    return [line.encode("latin-1").decode("utf-8", "replace") for line in lines] if space.vocabulary == BYTES else lines
