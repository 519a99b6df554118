"""Energy-based models: a landscape that is low where data is, and a walk downhill to sample from it."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.ebm import EBM
from .cards.score_matching import SCORE_MATCHING


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (EBM, SCORE_MATCHING)
