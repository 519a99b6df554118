"""Which classes to make."""

from studio.api.node import node
from studio.api.params import param
from studio.api.values import LabelValue


@node("label", "Label", category="input", outputs={"label": "label"})
def label(
    label: str = param(
        "", "A class by name or number, or several with commas between, used in turn; empty: no class in particular."
    ),
) -> LabelValue:
    """The class that samples should belong to."""
    return LabelValue(tuple(word.strip() for word in label.split(",") if word.strip()))
