"""What kinds of models from elsewhere the plugins open, and whether what they need is installed."""

from collections.abc import Iterable
from importlib import invalidate_caches
from importlib.util import find_spec

from studio.api.importer import ImporterCard
from studio.engine.engine import ImporterInfo


def importers(cards: Iterable[ImporterCard]) -> list[ImporterInfo]:
    """Each kind; packages that were installed meanwhile are found."""
    invalidate_caches()
    return [_info(card) for card in cards]


def absent(card: ImporterCard) -> tuple[str, ...]:
    """What must be installed to open such models, and is not."""
    return tuple(name for name in card.packages if find_spec(name) is None)


def _info(card: ImporterCard) -> ImporterInfo:
    return ImporterInfo(
        id=card.id, family=card.family, title=card.title, plugin=card.plugin, mark=card.mark, packages=card.packages,
        absent=absent(card),
    )  # fmt: skip
