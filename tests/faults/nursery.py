"""Forks trainers from a process that has torch imported already, so that a hundred of them start in seconds.

Reads run folders on stdin, one a line; answers with the pid of the trainer, and "ended" when stdin closes.
"""

import os
import signal
import sys

from studio.engine.training.warmth import warm_up
from studio.engine.training.worker import main


def child(folder: str) -> None:
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 99
    try:
        code = main([folder])
    finally:
        os._exit(code)


def serve() -> None:
    warm_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            child(line.strip())
        print(pid, flush=True)


if __name__ == "__main__":
    serve()
