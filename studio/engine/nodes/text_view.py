"""Samples or words, to be read."""

from typing import Annotated

from studio.api.errors import StudioError
from studio.api.node import node
from studio.api.params import param
from studio.api.space import Table
from studio.api.values import Samples, TextValue
from studio.engine.render import render
from studio.engine.tables import as_csv


@node("text_view", "Text view", category="output", outputs={"text": "text"})
def text_view(
    text: Annotated[Samples | TextValue, "text"],
    count: int = param(4, "How many samples to show.", ge=1, le=64),
) -> TextValue:
    """Samples or words, to be read."""
    if isinstance(text, TextValue):
        return text
    if isinstance(text.space, Table):
        return TextValue(as_csv(text.array[:count], text.space))
    shown = render(text.array, text.space, count)
    if shown.kind != "texts":
        raise StudioError(f"These samples are {text.space.kind}, not text. Link them to a grid instead.")
    return TextValue("\n\n".join(shown.texts))
