"""Flow matching: a vector field that carries noise to data along an ordinary differential equation."""

from collections.abc import Sequence

from studio.api import GeneratorCard, hookimpl

from .cards.cnf import CNF
from .cards.flow_matching import FLOW_MATCHING
from .cards.ot_cfm import OT_CFM
from .cards.rectified_flow import RECTIFIED_FLOW


@hookimpl
def studio_generators() -> Sequence[GeneratorCard]:
    """The family's methods."""
    return FLOW_MATCHING, OT_CFM, RECTIFIED_FLOW, CNF
