"""A folder for what is not finished, beside the models; it goes away with its owner, however that ends."""

import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

from studio.engine.runs import lock

PREFIX = ".taking-"
LOCK = "lock"


class Workroom:
    """A new folder in `store`, locked while this process lives."""

    def __init__(self, store: Path) -> None:
        store.mkdir(parents=True, exist_ok=True)
        self.path = Path(mkdtemp(prefix=PREFIX, dir=store))
        self._lock = lock.take(self.path / LOCK)

    def clear(self) -> None:
        """Remove it with all that is in it."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()


def sweep(store: Path) -> None:
    """Remove the workrooms whose owners are dead."""
    for folder in store.glob(f"{PREFIX}*"):
        with suppress(OSError):
            held = lock.take(folder / LOCK, patience=0.0)
            if held is not None:
                with held:
                    shutil.rmtree(folder, ignore_errors=True)
