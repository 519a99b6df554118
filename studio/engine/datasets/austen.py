"""Two novels by Jane Austen, for models of characters."""

import lzma

from studio.api import Dataset, StudioError
from studio.engine.datasets.text_file import text_dataset
from studio.home import resources


def load() -> Dataset:
    """1.35 million characters of "Pride and Prejudice" and "Sense and Sensibility", 78 of them distinct."""
    file = resources() / "data" / "austen.txt.xz"
    if not file.is_file():
        raise StudioError(f"The data set 'austen' is missing from this installation ({file}). Install Generative Studio again.")
    return text_dataset(lzma.decompress(file.read_bytes()), name="austen")
