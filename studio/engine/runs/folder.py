"""A run's folder: the one interface between its trainer and everyone else."""

import os
import re
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from studio.api.errors import StudioError
from studio.engine.runs import lock
from studio.engine.runs.atomic import disk_errors, sync_folder, write_atomically
from studio.engine.runs.checkpoints import Checkpoints
from studio.engine.runs.record import RunRecord
from studio.engine.runs.request import TrainRequest

CONTROL = ("pause", "cancel")


class RunFolder:
    """Names and small files of one run; it need not exist."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.id = path.name
        self.request = path / "request.json"
        self.lock_file = path / "lock"
        self.journal = path / "events.jsonl"
        self.output = path / "output.log"
        self.control = path / "control"
        self.previews = path / "previews"
        self.model = path / "model"
        self.signature = path / "signature.json"
        self.marker = path / "queued"
        self.exit_file = path / "exit"
        self.checkpoints = Checkpoints(path / "checkpoints")

    def record(self) -> RunRecord:
        """What was asked for; StudioError where the folder is no run."""
        try:
            return RunRecord.model_validate_json(self.request.read_bytes())
        except (OSError, ValidationError) as error:
            raise StudioError(f"{self.path} is not a run that can be read: its request.json is missing or broken.") from error

    def take(self, patience: float = 0.1) -> lock.Lock | None:
        """The right to write here, or None where someone else has it."""
        return lock.take(self.lock_file, patience)

    def alive(self) -> bool:
        """Whether a trainer is at work here."""
        return lock.is_held(self.lock_file)

    def pid(self) -> int | None:
        """The trainer's process, while one is at work."""
        return lock.holder(self.lock_file) if self.alive() else None

    def ask(self, word: str) -> None:
        """Ask the trainer to "pause" or "cancel"."""
        write_atomically(self.control, word.encode())

    def asked(self) -> str:
        """What the trainer was asked, "" where nothing; cheap enough to be called at every step."""
        try:
            word = self.control.read_text("ascii", "replace").strip()
        except OSError:
            return ""
        return word if word in CONTROL else ""

    def enqueue(self) -> None:
        """Wait for a free slot behind all that wait already."""
        write_atomically(self.marker, str(time.time_ns()).encode())

    def place(self) -> int | None:
        """The place in the queue (lower is earlier); None where it does not wait."""
        try:
            return int(self.marker.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError):
            return 0

    def forget(self) -> None:
        """Forget what an earlier attempt was asked and how it ended; for the holder of the lock."""
        self.control.unlink(missing_ok=True)
        self.exit_file.unlink(missing_ok=True)

    def leave_queue(self) -> None:
        """Wait no longer; for the holder of the lock."""
        self.marker.unlink(missing_ok=True)

    def exit_code(self) -> int | None:
        """How the last trainer ended (negative: the signal); None where nobody saw it."""
        try:
            return int(self.exit_file.read_bytes())
        except (OSError, ValueError):
            return None


def create(
    store: Path, request: TrainRequest, *, title: str, plugin: str = "", version: str = "", disabled: tuple[str, ...] = ()
) -> RunFolder:
    """A new queued run; it appears in the store at once and whole.

    Raises:
        DiskError: the store cannot be written.
    """
    id = _new_id(request)
    record = RunRecord(
        id=id, title=title, created=time.time(), request=request, plugin=plugin, version=version, disabled=disabled
    )  # fmt: skip
    draft, final = RunFolder(store / f".{id}"), RunFolder(store / id)
    with disk_errors(store, len(record.model_dump_json())):
        for folder in (draft.path, draft.previews, draft.checkpoints.folder):
            folder.mkdir(parents=True)
        write_atomically(draft.request, record.model_dump_json(indent=1).encode())
        draft.enqueue()
        draft.path.rename(final.path)
        sync_folder(store)
    return final


def _new_id(request: TrainRequest) -> str:
    words = f"{request.method}-{Path(request.dataset).name}"
    readable = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")[:48]
    return f"{readable}-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"


def find(store: Path, id: str) -> RunFolder:
    """The run called `id`; StudioError where there is none, or the name leads elsewhere."""
    path = store / id
    plain = re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}", id)
    if not plain or path.is_symlink() or not (path / "request.json").is_file():
        raise StudioError(f"There is no run '{id}'.")
    return RunFolder(path)


def names(store: Path) -> Iterator[str]:
    """What may be runs in a store, in no order; links are passed over."""
    if not store.is_dir():
        return
    with os.scandir(store) as places:
        for place in places:
            if not place.name.startswith(".") and place.is_dir(follow_symlinks=False):
                yield place.name
