"""Radiance fields: a scene as a function of place and direction, learnt from posed pictures."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.hash_grid import HASH_GRID
from .cards.nerf import NERF
from .cards.tensorf import TENSORF


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (NERF, TENSORF, HASH_GRID)
