"""A measure of how near generated samples are to real ones."""

from studio.api.card import SpaceKind
from studio.api.frozen import Frozen


class MetricCard(Frozen):
    """A metric; `implementation` is "package.module:function" of (generated, reference), both (N, *shape), giving a float."""

    id: str
    title: str
    summary: str
    accepts: tuple[SpaceKind, ...]
    unit: str = ""
    higher_is_better: bool = False
    paper: str = ""
    implementation: str
