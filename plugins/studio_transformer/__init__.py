"""Transformers on sequences of tokens."""

from collections.abc import Sequence

from studio.api import GeneratorCard, ImporterCard, hookimpl

from .cards.gpt import GPT
from .cards.image_gpt import IMAGE_GPT
from .cards.language_model import LANGUAGE_MODEL
from .cards.palm import PALM


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (GPT, PALM, IMAGE_GPT)


@hookimpl
def studio_importers() -> Sequence[ImporterCard]:
    """Models of the family that were trained elsewhere."""
    return (LANGUAGE_MODEL,)
