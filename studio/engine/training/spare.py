"""A worker that has torch imported and waits: a click then costs no start-up. It takes about 250 MB and no processor time."""

import json
import os
import socket
import threading
from collections.abc import Sequence

from studio.engine.training.process import Process, start

REST = 5.0


class Spare:
    """At most one waiting worker; it ends when this process does.

    Args:
        rest: seconds after one was taken before the next is started, so that it does not slow the first one down.
    """

    def __init__(self, rest: float = REST) -> None:
        self.rest = rest
        self._turn = threading.Lock()
        self._process: Process | None = None
        self._line: socket.socket | None = None
        self._timer: threading.Timer | None = None

    def prepare(self) -> None:
        """Start one where none waits; none where the system cannot hand over open files."""
        with self._turn:
            if os.name == "nt" or (self._process is not None and self._process.poll() is None):
                return
            self._close_line()
            self._line, theirs = socket.socketpair()
            with theirs:
                self._process = start(["--wait"], stdin=theirs.fileno())

    def take(self, arguments: Sequence[str], descriptor: int) -> Process | None:
        """Give the waiting worker its arguments and an open file; None where none waits."""
        with self._turn:
            process, self._process = self._process, None
            if process is None or self._line is None or process.poll() is not None:
                return None
            try:
                socket.send_fds(self._line, [json.dumps(list(arguments)).encode()], [descriptor])
            except OSError:
                return None
            self._close_line()
        self._prepare_later()
        return process

    def close(self) -> None:
        """End the waiting worker."""
        if self._timer:
            self._timer.cancel()
        with self._turn:
            process, self._process = self._process, None
            self._close_line()
        if process is not None:
            process.wait()

    def _close_line(self) -> None:
        if self._line:
            self._line.close()
        self._line = None

    def _prepare_later(self) -> None:
        self._timer = threading.Timer(self.rest, self.prepare)
        self._timer.daemon = True
        self._timer.start()
