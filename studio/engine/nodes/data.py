"""Samples that no model made."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from studio.api.errors import StudioError
from studio.api.node import NodeContext, node
from studio.api.params import param
from studio.api.space import Tokens
from studio.api.values import Samples


def identity(values: Mapping[str, Any]) -> str:
    """Changes when the files behind the data do."""
    from studio.engine.datasets.fingerprint import fingerprint
    from studio.engine.datasets.reference import find

    return fingerprint(find(values["data"]).path)


@node("data", "Data", category="input", outputs={"samples": "samples"}, identity=identity)
def data(
    context: NodeContext,
    data: str = param("digits", 'A data set ("digits"), or the path of a folder, a table or a text.'),
    part: Literal["training", "held out"] = param("held out", "Which part of it."),
    label: str = param("", "Only samples of this class; empty for all."),
    first: int = param(0, "How many samples to leave out before the first.", ge=0, le=10**9),
    count: int = param(16, "How many samples.", ge=1, le=4096),
) -> Samples:
    """Samples of a data set, to encode, to vary, to fill in, or to hold a model's against."""
    found = context.dataset(data)
    array, labels = (found.train, found.train_labels) if part == "training" else (found.validation, found.validation_labels)
    space = found.signature.space
    if isinstance(space, Tokens):
        array, labels = array[: len(array) // space.length * space.length].reshape(-1, space.length), None
    if label:
        array = array[_rows(label, found.signature.classes, labels)]
    chosen = array[first : first + count]
    if not len(chosen):
        raise StudioError(f"There are {len(array)} such samples, so none is left after the first {first}.")
    return Samples(chosen, space, f"{data}, {part}")


def _rows(label: str, classes: tuple[str, ...], labels: Any) -> Any:
    if labels is None or label not in classes:
        shown = ", ".join(classes[:12]) + (" …" if len(classes) > 12 else "")
        raise StudioError(f"There is no class '{label}' in this data; there are: {shown or 'none'}.")
    return np.flatnonzero(labels == classes.index(label))
