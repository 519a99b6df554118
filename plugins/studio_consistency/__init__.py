"""Consistency models: any point of a path from noise to data is mapped to its end in one step."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return ()
