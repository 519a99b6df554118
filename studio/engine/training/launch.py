"""From a waiting run to its trainer, which holds the run's lock from its first instant: it is never started twice."""

import os
import threading
from contextlib import suppress

from studio.engine.runs.atomic import DiskError, write_atomically
from studio.engine.runs.folder import RunFolder
from studio.engine.runs.lock import Lock
from studio.engine.training.process import Process, start
from studio.engine.training.spare import Spare


def launch(folder: RunFolder, spare: Spare | None = None) -> bool:
    """Start the trainer of a waiting run; False where it no longer waits, or another process has it.

    Raises:
        StudioError: no process can be started.
    """
    held = folder.take()
    if held is None:
        return False
    with held:
        if folder.place() is None:
            return False
        folder.forget()
        process = _hand_over(folder, held, spare)
        held.sign(process.pid)
        folder.leave_queue()
    threading.Thread(target=_watch, args=(process, folder), daemon=True, name=f"watch {folder.id}").start()
    return True


def _hand_over(folder: RunFolder, held: Lock, spare: Spare | None) -> Process:
    taken = spare.take([str(folder.path)], held.descriptor) if spare else None
    if taken is not None:
        return taken
    if os.name == "nt":
        return start([str(folder.path)], output=folder.output)
    return start(["--lock", str(held.descriptor), str(folder.path)], output=folder.output, keep=(held.descriptor,))


def _watch(process: Process, folder: RunFolder) -> None:
    """Write down how the trainer ended; whoever wants to know why a run was lost reads it."""
    code = process.wait()
    held = folder.take() if code and folder.path.is_dir() else None
    if held is not None:
        with held, suppress(DiskError):
            write_atomically(folder.exit_file, str(code).encode())
