"""Flow matching: a vector field that carries noise to data along an ordinary differential equation."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return ()
