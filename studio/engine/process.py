"""The engine's process kept alive: started, listened to, watched, and started again when it ends."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from queue import SimpleQueue
from threading import Event, Lock, Thread
from time import monotonic
from typing import BinaryIO, cast

from studio.api.errors import StudioError
from studio.engine.attempt import Failure, attempt
from studio.engine.frames import Frame, Ping, encode, read_frame
from studio.engine.obituary import obituary
from studio.home import home

ENGINE = (sys.executable, "-m", "studio.engine.host")
ASKED_EVERY = 3.0
PATIENCE = 20.0
FIRST_PATIENCE = 90.0
QUICK_DEATH = 10.0
QUICK_DEATHS = 3
LONGEST_PAUSE = 30.0
FAREWELL = 2.0
LARGEST_LOG = 2**20
LOG_TAIL = 8192

Queue = SimpleQueue[bytes | None]


class EngineProcess:
    """One engine process after the other.

    Args:
        command: how to start it.
        received: takes each frame.
        lost: takes the reason and the end of the log, when a process ended by itself.
        back: called when a process answers that was started after a loss.
    """

    def __init__(
        self,
        command: Sequence[str],
        received: Callable[[Frame], object],
        lost: Callable[[str, str], object],
        back: Callable[[], object],
    ) -> None:
        self._command = list(command)
        self._received, self._lost, self._back = received, lost, back
        self._thread = Thread(target=self._live, name="engine", daemon=True)
        self._closing = Event()
        self._lock = Lock()
        self._queue: Queue = SimpleQueue()
        self._process: subprocess.Popen[bytes] | None = None
        self._verdict = ""
        self._heard = 0.0
        self._answers = False

    def start(self) -> None:
        """Start the first process, without waiting for it."""
        self._thread.start()

    def send(self, frame: Frame) -> None:
        """Queue a frame for the process, or for the next one; never waits. StudioError where it is too large."""
        self._queue.put(encode(frame))

    def clock(self) -> float:
        """Seconds, for durations."""
        return monotonic()

    def is_reader(self, thread: Thread) -> bool:
        """Whether `thread` is the one that brings answers."""
        return thread is self._thread

    def kill(self, verdict: str) -> None:
        """End the process, which is then started again; `verdict` is told as the reason."""
        with self._lock:
            if self._process and self._process.poll() is None:
                self._verdict = verdict
                self._process.kill()

    def close(self) -> None:
        """End the process for good: it goes by itself when its pipe closes, and by force where it does not."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join(FAREWELL)
        if self._process and self._thread.is_alive():
            self._process.kill()
            self._thread.join(FAREWELL)

    def _live(self) -> None:
        deaths, first = 0, True
        while not self._closing.is_set():
            began = monotonic()
            reason, log = self._live_once(first)
            first = False
            if self._closing.is_set():
                return
            deaths = deaths + 1 if monotonic() - began < QUICK_DEATH else 0
            self._queue = SimpleQueue()
            self._lost(reason, log)
            if deaths >= QUICK_DEATHS:
                self._closing.wait(min(LONGEST_PAUSE, 2.0 ** (deaths - QUICK_DEATHS)))

    def _live_once(self, first: bool) -> tuple[str, str]:
        """Start a process and pass on what it says until it ends; returns why it did and the end of its log."""
        self._answers, self._heard, self._verdict = False, monotonic(), ""
        log, start = _open_log()
        try:
            process = self._spawn(log)
        except OSError as error:
            _tail(log, start)
            return f"The engine cannot be started: {error}. Install the studio again.", ""
        queue = self._queue
        writer = Thread(target=self._write, args=(process, queue), name="engine-writer", daemon=True)
        writer.start()
        Thread(target=self._watch, args=(process, queue), name="engine-watcher", daemon=True).start()
        wrong = self._read(process, first)
        queue.put(None)
        code = process.wait()
        writer.join()
        return self._verdict or wrong or f"The engine's process ended {obituary(code)}. It is started again.", _tail(log, start)

    def _spawn(self, log: BinaryIO | None) -> "subprocess.Popen[bytes]":
        with self._lock:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log or subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._process

    def _read(self, process: "subprocess.Popen[bytes]", first: bool) -> str:
        """Pass frames on until the pipe ends; returns what was wrong with the last one."""
        try:
            with cast("BinaryIO", process.stdout) as pipe:
                while frame := read_frame(pipe):
                    self._heard = monotonic()
                    if not self._answers and not first:
                        self._back()
                    self._answers = True
                    self._pass_on(frame)
        except StudioError as error:
            process.kill()
            return f"The engine's process sent nonsense and was ended: {error} It is started again."
        return ""

    def _pass_on(self, frame: Frame) -> None:
        failed = attempt(partial(self._received, frame))
        if isinstance(failed, Failure):
            print(failed.traceback, file=sys.stderr)

    def _write(self, process: "subprocess.Popen[bytes]", queue: Queue) -> None:
        with suppress(OSError), cast("BinaryIO", process.stdin) as pipe:
            while frame := queue.get():
                pipe.write(frame)
                pipe.flush()

    def _watch(self, process: "subprocess.Popen[bytes]", queue: Queue) -> None:
        while process.poll() is None and not self._closing.wait(ASKED_EVERY):
            queue.put(encode(Ping()))
            silent = monotonic() - self._heard
            if silent > (PATIENCE if self._answers else FIRST_PATIENCE):
                self.kill(f"The engine's process did not answer for {silent:.0f} s, so it was ended. It is started again.")
                return


def _open_log() -> tuple[BinaryIO | None, int]:
    try:
        path = home() / "engine.log"
        if path.exists() and path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".old.log"))
        log = path.open("ab+")
    except OSError:
        return None, 0
    return log, log.seek(0, os.SEEK_END)


def _tail(log: BinaryIO | None, start: int) -> str:
    if log is None:
        return ""
    with log:
        log.seek(max(start, log.seek(0, os.SEEK_END) - LOG_TAIL))
        return log.read().decode("utf-8", "replace")
