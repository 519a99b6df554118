"""Normalizing flows: invertible networks with an exact likelihood."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return ()
