"""A data set, looked at: what a window or a command line shows of it, remembered while the files stay the same."""

from collections.abc import Mapping

import numpy as np

from studio.api import Dataset, DatasetCard, Space, Tokens
from studio.engine.datasets.fingerprint import fingerprint
from studio.engine.datasets.reference import find, open_dataset, without_byte_pairs
from studio.engine.datasets.regular_file import printable
from studio.engine.engine import DatasetInfo
from studio.engine.render import POINTS_PER_TILE, render
from studio.engine.rendering import Rendering

THUMBNAILS = 64
SOUNDS = 9
REMEMBERED = 32


def inspect_dataset(reference: str, cards: Mapping[str, DatasetCard]) -> DatasetInfo:
    """Signature, sizes, up to 64 samples (2,048 points, 9 sounds) and the skipped files; StudioError as for `open_dataset`.

    A look at a folder is remembered until a file in it is added, removed or changed.
    """
    plain, pairs = without_byte_pairs(reference)
    card = cards.get(plain)
    if card and pairs:
        card = card.model_copy(update={"id": reference, "title": f"{card.title} in byte pairs"})
    state = fingerprint(find(reference).path) if card is None else card.model_dump_json()
    if (reference, state) not in _seen:
        dataset = open_dataset(reference, cards)
        while len(_seen) >= REMEMBERED:
            _seen.pop(next(iter(_seen)))
        _seen[reference, state] = _look(card or _own_card(reference, dataset.signature.space), dataset)
    return _seen[reference, state]


_seen: dict[tuple[str, str], DatasetInfo] = {}


def _own_card(reference: str, space: Space) -> DatasetCard:
    name = printable(find(reference).path.name)
    return DatasetCard(
        id=printable(reference), title=name, summary="Your own files.", kind=space.kind, licence="yours",
        loader="studio.engine.datasets.reference:open_dataset",
    )  # fmt: skip


def _look(card: DatasetCard, dataset: Dataset) -> DatasetInfo:
    return DatasetInfo(
        card=card, signature=dataset.signature, count=len(dataset.train), validation=len(dataset.validation),
        thumbnails=thumbnails(dataset), problems=dataset.problems,
    )  # fmt: skip


def thumbnails(dataset: Dataset) -> Rendering:
    """Samples spread evenly over the training part; of a text, windows of it, of a table the first rows and what all hold."""
    space = dataset.signature.space
    if isinstance(space, Tokens):
        starts = np.linspace(0, len(dataset.train) - space.length, THUMBNAILS, dtype=np.int64)
        return render(dataset.train[starts[:, None] + np.arange(space.length)], space, THUMBNAILS)
    wanted = {"points": THUMBNAILS * POINTS_PER_TILE, "table": len(dataset.train), "audio": SOUNDS}.get(space.kind, THUMBNAILS)
    chosen = np.unique(np.linspace(0, len(dataset.train) - 1, wanted, dtype=np.int64))
    return render(dataset.train[chosen], space, THUMBNAILS)
