"""State-space models on sequences: a memory of constant size instead of attention."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return ()
