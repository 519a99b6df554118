"""The engine's process: takes calls from a pipe, answers them in any order, and ends when the pipe does."""

import faulthandler
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from threading import Lock, Thread
from typing import BinaryIO

from studio.api.errors import StudioError
from studio.engine.attempt import Failure, attempt
from studio.engine.calls import call
from studio.engine.engine import GraphEvent
from studio.engine.frames import Frame, Ping, Pong, Refusal, Reply, Request, Told, encode, read_frame
from studio.engine.local import LocalEngine

QUICK_CALLS = 8
FAREWELL = 2.0
AT_ONCE = {"execute", "stop"}


class Host:
    """An engine behind two pipes.

    Calls run in a small pool, so that a slow one holds no other up; `execute` and `stop` return at once and keep their order.
    """

    def __init__(self, engine: LocalEngine, requests: BinaryIO, replies: BinaryIO) -> None:
        self._engine = engine
        self._requests = requests
        self._replies = replies
        self._writing = Lock()
        self._pool = ThreadPoolExecutor(QUICK_CALLS, thread_name_prefix="call")

    def serve(self) -> None:
        """Answer until the pipe ends.

        Raises:
            StudioError: what came in is not a frame.
        """
        self._send(Pong())
        while frame := read_frame(self._requests):
            if isinstance(frame, Ping):
                self._send(Pong())
            elif isinstance(frame, Request) and frame.call in AT_ONCE:
                self._answer(frame)
            elif isinstance(frame, Request):
                self._pool.submit(self._answer, frame)

    def _answer(self, request: Request) -> None:
        outcome = attempt(partial(self._reply, request))
        if isinstance(outcome, Failure):
            outcome = Refusal(id=request.id, error=outcome.error, traceback=outcome.traceback)
        failed = attempt(partial(self._send, outcome))
        if isinstance(failed, Failure):
            self._send(Refusal(id=request.id, error=failed.error, traceback=failed.traceback))

    def _reply(self, request: Request) -> Reply:
        known = call(request.call)
        arguments = known.unpack(request.arguments)
        if request.call == "execute":
            execution = str(request.id)
            arguments |= {"listener": partial(self._tell, execution), "execution": execution}
        result = getattr(self._engine, request.call)(**arguments)
        return Reply(id=request.id, result=known.result.dump_json(result).decode())

    def _tell(self, execution: str, event: GraphEvent) -> None:
        self._send(Told(execution=execution, event=event))

    def _send(self, frame: Frame) -> None:
        encoded = encode(frame)
        with self._writing:
            self._replies.write(encoded)
            self._replies.flush()


def working_engine() -> LocalEngine:
    """An engine that works on the queue of trainings, and is loading what its first model will need."""
    engine = LocalEngine()
    engine.start()
    Thread(target=import_module, args=["studio.engine.models.model"], name="loading", daemon=True).start()
    return engine


def main(make: Callable[[], LocalEngine] = working_engine) -> None:
    """Serve the process that started this one; what anything prints goes to standard error."""
    faulthandler.enable()
    requests, replies = _take_pipes()
    engine = make()
    try:
        Host(engine, requests, replies).serve()
    except (StudioError, OSError) as error:
        print(error, file=sys.stderr)
    closing = Thread(target=engine.close, daemon=True)
    closing.start()
    closing.join(FAREWELL)
    sys.stderr.flush()
    os._exit(0)


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The inherited pipes under numbers that no one else writes to by mistake."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return requests, replies


if __name__ == "__main__":
    main()
