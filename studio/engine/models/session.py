"""Opening a graph with onnxruntime, on a provider that is never silently another than was asked for."""

import os
from collections import OrderedDict
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]

from studio.api.errors import StudioError
from studio.engine.models.providers import NAMES, PROVIDERS, choose

ERRORS: tuple[type[Exception], ...] = (
    native.EPFail, native.Fail, native.InvalidArgument, native.InvalidGraph, native.InvalidProtobuf, native.NoModel,
    native.NoSuchFile, native.NotImplemented, native.RuntimeException,
)  # fmt: skip
"""Everything that onnxruntime raises."""


def open_session(path: Path, provider: str = "cpu", threads: int = 0) -> Any:
    """A session on exactly this provider.

    Args:
        threads: within one operation; 0 takes OMP_NUM_THREADS, or else all cores.

    Raises:
        StudioError: the graph cannot be opened, or the provider cannot be had.
    """
    if provider in ("cuda", "tensorrt"):
        _load_cuda_libraries()
    try:
        session = onnxruntime.InferenceSession(str(path), _options(threads), providers=_list(provider))
    except (*ERRORS, ValueError) as error:
        raise StudioError(f"{path.name} cannot be opened on '{provider}': {first_line(error)}") from error
    session.disable_fallback()
    if (got := provider_of(session)) != provider:
        raise StudioError(
            f"The provider '{provider}' was asked for, but onnxruntime gave '{got}'. Check its driver, or choose auto or {got}."
        )
    return session


def provider_of(session: onnxruntime.InferenceSession) -> str:
    """The provider that a session really uses."""
    best = session.get_providers()[0]
    return NAMES.get(best, best)


def first_line(error: BaseException) -> str:
    """What an error says, without the pages that follow."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]


def _list(provider: str) -> list[str]:
    wanted = [PROVIDERS[provider], PROVIDERS["cpu"]]
    return wanted[1:] if provider == "cpu" else wanted


def _options(threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or default_threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options


def default_threads() -> int:
    """OMP_NUM_THREADS where it is set, or else all cores."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdecimal() and int(asked) else os.cpu_count() or 1


@cache
def _load_cuda_libraries() -> None:
    onnxruntime.preload_dlls()


def settle_provider(path: Path, asked: str, threads: int = 0) -> tuple[str, str]:
    """Of the providers to try the first that opens `path`, and what stood in the way of better ones, in words."""
    obstacles = list[str]()
    for provider in (names := choose(asked)):
        try:
            open_session(path, provider, threads)
        except StudioError as error:
            if provider == names[-1]:
                raise
            obstacles.append(str(error))
        else:
            return provider, " ".join(obstacles)
    raise StudioError("onnxruntime offers no provider at all. Install it again.")


class Sessions:
    """Open sessions, the longest unused closed before another is opened.

    Args:
        limit: how many stay open.
    """

    def __init__(self, limit: int = 48) -> None:
        self._limit = limit
        self._open: OrderedDict[tuple[Path, str, int], Any] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._open)

    def get(self, path: Path, provider: str, threads: int) -> Any:
        """The session of a graph, opened where it is not."""
        key = (path, provider, threads)
        with self._lock:
            if key not in self._open:
                while len(self._open) >= self._limit:
                    self._open.popitem(last=False)
                self._open[key] = open_session(path, provider, threads)
            self._open.move_to_end(key)
            return self._open[key]

    def forget(self, folder: Path) -> None:
        """Close all sessions of a model."""
        with self._lock:
            for key in [key for key in self._open if key[0].parent == folder]:
                del self._open[key]


SESSIONS = Sessions()
"""Those of this process."""
