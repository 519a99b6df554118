"""Deleted runs, kept for a while so that deleting can be undone."""

import os
import shutil
import time
from pathlib import Path

from studio.api.errors import StudioError
from studio.engine.runs.atomic import disk_errors
from studio.engine.runs.folder import RunFolder, find

KEPT = 7 * 24 * 3600.0


class Trash:
    """A hidden folder in the store; runs move in and out by renaming, so nothing outside is ever touched."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self.folder = store / ".trash"

    def delete(self, run: RunFolder) -> None:
        """Move a run that does not run to the trash."""
        held = run.take()
        if held is None:
            raise StudioError(f"The run '{run.id}' is running; cancel it before deleting it.")
        with held, disk_errors(self.folder, 0):
            self.folder.mkdir(exist_ok=True)
            run.marker.unlink(missing_ok=True)
            os.utime(run.path)
            run.path.rename(self.folder / run.id)

    def restore(self, id: str) -> RunFolder:
        """Bring a run back as it was; one that was waiting no longer waits."""
        deleted = find(self.folder, id)
        with disk_errors(self.store / id, 0):
            deleted.path.rename(self.store / id)
        return RunFolder(self.store / id)

    def empty(self, older_than: float = KEPT) -> None:
        """Remove for good what was deleted more than `older_than` seconds ago; links are removed, never followed."""
        for path in self.folder.glob("*"):
            if time.time() - path.lstat().st_mtime < older_than:
                continue
            if path.is_symlink() or not path.is_dir():
                path.unlink(missing_ok=True)
            else:
                shutil.rmtree(path, ignore_errors=True)
