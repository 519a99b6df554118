"""Radiance fields: a scene as a function of place and direction, learnt from posed pictures."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return ()
