"""State-space models on sequences: a memory of constant size instead of attention."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.mamba import MAMBA
from .cards.mamba2 import MAMBA2


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (MAMBA, MAMBA2)
