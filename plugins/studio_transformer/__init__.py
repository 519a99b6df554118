"""Transformers on sequences of tokens."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.gpt import GPT


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (GPT,)
