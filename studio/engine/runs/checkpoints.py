"""The last two checkpoints of a run, each with its hash; a broken one never hides a whole one."""

import hashlib
from pathlib import Path

from pydantic import ValidationError

from studio.api.errors import StudioError
from studio.api.frozen import Frozen
from studio.engine.runs.atomic import sweep, write_atomically


class Checkpoint(Frozen):
    """A checkpoint's file in its folder, and the hash it had when it was written."""

    step: int
    file: str
    sha256: str


class Latest(Checkpoint):
    """The newest checkpoint and the one before it: what latest.json says."""

    previous: Checkpoint | None = None


class Checkpoints:
    """The folder of a run's checkpoints."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._whole: Checkpoint | None = None

    @property
    def _index(self) -> Path:
        return self.folder / "latest.json"

    def latest(self) -> Latest | None:
        """What latest.json says; None before the first checkpoint, or where it cannot be read."""
        try:
            return Latest.model_validate_json(self._index.read_bytes())
        except (OSError, ValidationError):
            return None

    def save(self, step: int, data: bytes) -> Checkpoint:
        """Make a checkpoint the newest; the one before is kept, older ones go.

        Raises:
            DiskError: the disk is full or refuses; the old checkpoints are as they were.
        """
        previous = self._whole or _alone(self.latest())
        saved = Checkpoint(step=step, file=_free_name(step, previous), sha256=hashlib.sha256(data).hexdigest())
        self.folder.mkdir(exist_ok=True)
        write_atomically(self.folder / saved.file, data)
        latest = Latest(**saved.model_dump(), previous=previous)
        write_atomically(self._index, latest.model_dump_json().encode())
        self._drop_all_but({saved.file, previous.file if previous else ""})
        self._whole = saved
        return saved

    def load(self) -> tuple[Checkpoint, bytes, str] | None:
        """The newest whole checkpoint, its bytes, and a warning where it is not the newest; None where none was made.

        Raises:
            StudioError: there are checkpoints, and all are broken.
        """
        latest = self.latest()
        if latest is None:
            return self._refuse() if list(self.folder.glob("*.safetensors")) else None
        for checkpoint in (latest, latest.previous):
            data = self._read(checkpoint) if checkpoint else None
            if checkpoint and data is not None:
                self._whole = _alone(checkpoint)
                return checkpoint, data, "" if checkpoint is latest else _warning(latest, checkpoint)
        return self._refuse()

    def sweep(self) -> None:
        """Remove what a killed writer left."""
        sweep(self.folder)

    def _read(self, checkpoint: Checkpoint) -> bytes | None:
        try:
            data = (self.folder / Path(checkpoint.file).name).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == checkpoint.sha256 else None

    def _refuse(self) -> None:
        raise StudioError(
            f"No checkpoint in {self.folder} is whole: the files were changed after they were written. "
            "Train again, or put the files back from a copy."
        )

    def _drop_all_but(self, kept: set[str]) -> None:
        for file in self.folder.glob("*.safetensors"):
            if file.name not in kept:
                file.unlink(missing_ok=True)


def _alone(checkpoint: Checkpoint | None) -> Checkpoint | None:
    return Checkpoint(step=checkpoint.step, file=checkpoint.file, sha256=checkpoint.sha256) if checkpoint else None


def _free_name(step: int, kept: Checkpoint | None) -> str:
    name = f"step-{step:06d}.safetensors"
    return name if kept is None or kept.file != name else f"step-{step:06d}-again.safetensors"


def _warning(latest: Checkpoint, used: Checkpoint) -> str:
    return f"The checkpoint of step {latest.step} is broken (its hash differs); the one of step {used.step} is used instead."
