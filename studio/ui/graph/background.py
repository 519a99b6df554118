"""Reading and writing files beside the window's thread, one after the other."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from studio.api.errors import StudioError
from studio.ui.bridge import Bridge, alive


class Background:
    """One thread for files.

    Args:
        bridge: brings the results back into the window's thread.
    """

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="graph files")

    def do(self, work: Callable[[], Any], then: Callable[[Any], object], failed: Callable[[str], object]) -> None:
        """Do `work`, then (never before this returns) hand its result to `then`, or the words of its StudioError to `failed`."""
        future = self._pool.submit(work)
        self._pool.submit(lambda: self._bridge.post(lambda: _deliver(future, then, failed)))

    def finish(self) -> None:
        """Wait until everything is written."""
        self._pool.shutdown(wait=True)


def _deliver(future: "Future[Any]", then: Callable[[Any], object], failed: Callable[[str], object]) -> None:
    error = future.exception()
    if isinstance(error, StudioError) and alive(failed):
        failed(str(error))
    elif not isinstance(error, StudioError) and alive(then):
        then(future.result())
