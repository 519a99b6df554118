"""One law test for every method, whoever wrote it."""

import pytest

from studio.api.card import SpaceKind
from studio.engine.plugins.discover import discover
from studio.engine.training.laws import check
from studio.engine.usable import USES

CARDS = discover().methods
EVERYDAY = {"points", "tokens"}
CASES = [
    pytest.param(card, space, id=f"{card.id}-{space}", marks=() if space in EVERYDAY else pytest.mark.slow)
    for card in CARDS.values()
    for space in card.accepts
]


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("card", "space"), CASES)
def test_that_every_law_holds(card, space: SpaceKind):
    broken = [verdict for verdict in check(card, (space,), USES) if not verdict.holds]
    assert not broken, "\n".join(f"{verdict.law}: {verdict.detail}" for verdict in broken)
