"""Fetching a model from the hub, with what has come so far."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from studio.engine.intake import Reference
from studio.engine.models import hub

PERIOD = 0.5
ASKING = "asking the hub"


def fetch(reference: Reference, told: Callable[[str], None]) -> tuple[Path, str]:
    """The folder of a name on the hub, and the commit it is of; see `hub.fetch`, whose errors it raises.

    Args:
        told: gets in words what is to be fetched, and twice a second how much of it is there.
    """
    told(ASKING)
    with _counted(_store(reference.name), told) as say:
        return hub.fetch(reference.name, reference.revision, offline=reference.offline, told=say)


def _store(name: str) -> Path:
    from huggingface_hub.constants import HF_HUB_CACHE
    from huggingface_hub.file_download import repo_folder_name

    return Path(HF_HUB_CACHE) / repo_folder_name(repo_id=name, repo_type="model") / "blobs"


@contextmanager
def _counted(store: Path, told: Callable[[str], None]) -> Generator[Callable[[str], None]]:
    said, before, over = [ASKING], _size(store), Event()

    def say(text: str) -> None:
        said.append(text)
        told(text)

    def count() -> None:
        while not over.wait(PERIOD):
            if (come := _size(store) - before) > 0:
                told(f"{said[-1]}; {come / 1e9:.2f} GB so far")

    thread = Thread(target=count, name="fetching", daemon=True)
    thread.start()
    try:
        yield say
    finally:
        over.set()
        thread.join()


def _size(store: Path) -> int:
    try:
        return sum(file.stat().st_size for file in store.iterdir())
    except OSError:
        return 0
