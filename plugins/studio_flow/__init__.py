"""Normalizing flows: invertible networks with an exact likelihood."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.glow import GLOW
from .cards.maf import MAF
from .cards.realnvp import REALNVP
from .cards.spline import SPLINE


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (REALNVP, GLOW, SPLINE, MAF)
