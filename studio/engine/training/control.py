"""Pausing, resuming and ending a run, whatever its plugin does."""

import os
import signal
import time
from contextlib import suppress

from studio.api.errors import StudioError
from studio.api.events import Cancelled, Paused
from studio.engine.runs.atomic import DiskError
from studio.engine.runs.folder import RunFolder
from studio.engine.runs.journal import append, read
from studio.engine.runs.summary import Summary

TERMINATE_AFTER = 1.5
KILL_AFTER = 2.5
GONE_AFTER = 4.0
POLL = 0.02
FINAL = ("done", "failed", "cancelled")


def pause(folder: RunFolder) -> None:
    """Ask a run to stop with a checkpoint; a waiting one stops waiting."""
    if folder.place() is not None and _settle(folder, "paused"):
        return
    if not folder.alive():
        raise StudioError(f"The run '{folder.id}' is not running; there is nothing to pause.")
    folder.ask("pause")


def resume(folder: RunFolder) -> None:
    """Let a run wait for a slot again; it goes on from its last checkpoint."""
    if folder.alive():
        raise StudioError(f"The run '{folder.id}' is running already.")
    folder.enqueue()


def cancel(folder: RunFolder) -> None:
    """End a run within three seconds: it is asked, then told, then killed; its last checkpoint and preview stay.

    Raises:
        StudioError: the system does not let it be killed.
    """
    begun = time.monotonic()
    with suppress(DiskError):
        folder.ask("cancel")
    for after, number in ((TERMINATE_AFTER, signal.SIGTERM), (KILL_AFTER, _KILL)):
        if _gone(folder, begun + after):
            break
        _send(folder, number)
    if not (_gone(folder, begun + GONE_AFTER) and _settle(folder, "cancelled")):
        raise StudioError(f"The run '{folder.id}' cannot be ended (process {folder.pid()}). End that process, then try again.")


_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)


def _gone(folder: RunFolder, until: float) -> bool:
    while folder.alive():
        if time.monotonic() >= until:
            return False
        time.sleep(POLL)
    return True


def _send(folder: RunFolder, number: signal.Signals) -> None:
    pid = folder.pid()
    with suppress(ProcessLookupError):
        if pid and hasattr(os, "killpg") and os.getpgid(pid) == pid:
            os.killpg(pid, number)
        elif pid:
            os.kill(pid, number)


def _settle(folder: RunFolder, ending: str) -> bool:
    """Write down that a run ended where its trainer could not; False where a trainer is at work."""
    held = folder.take()
    if held is None:
        return False
    with held:
        summary = _summary(folder)
        if folder.place() is not None or summary.ending not in FINAL:
            append(folder.journal, Cancelled(step=summary.step) if ending == "cancelled" else Paused(step=summary.step))
        folder.leave_queue()
    return True


def _summary(folder: RunFolder) -> Summary:
    summary = Summary()
    for entry in read(folder.journal).entries:
        summary.add(entry)
    return summary
