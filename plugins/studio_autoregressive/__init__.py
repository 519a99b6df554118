"""Autoregressive models: a sample is written one value after the other, each given those before it."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.pixelcnn import PIXELCNN


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (PIXELCNN,)
