"""Consistency models: any point of a path from noise to data is mapped to its end in one step."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.consistency_distillation import CONSISTENCY_DISTILLATION
from .cards.consistency_training import CONSISTENCY_TRAINING


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return (CONSISTENCY_TRAINING, CONSISTENCY_DISTILLATION)
