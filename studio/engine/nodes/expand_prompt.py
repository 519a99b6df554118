"""A short prompt described in full."""

from typing import Annotated

from studio.api.node import NodeContext, node
from studio.api.params import param
from studio.api.values import ModelValue, TextValue
from studio.engine.models.feeding import left_out
from studio.engine.models.prompting import expand


@node("expand_prompt", "Expand prompt", category="text", outputs={"text": "text"})
def expand_prompt(
    context: NodeContext,
    model: Annotated[ModelValue, "model"],
    prompt: Annotated[TextValue, "text"],
    instead: str = param("", "Your own words in place of the expansion; empty: the expansion, which is shown on the node."),
) -> TextValue:
    """A prompt as detailed as the captions that the model learned from; it is shown, and can be written anew."""
    opened = context.model(model.reference)
    expanded = instead.strip() or expand(opened, prompt.text)
    context.note(left_out([instead or prompt.text], opened.card.signature.words))
    return TextValue(expanded)
