"""Words to start from."""

from studio.api.node import node
from studio.api.params import param
from studio.api.values import TextValue


@node("prompt", "Prompt", category="input", outputs={"text": "text"})
def prompt(
    text: str = param("", "What a text model goes on from, or a picture model illustrates; empty: nothing in particular."),
) -> TextValue:
    """Words to start from."""
    return TextValue(text)
