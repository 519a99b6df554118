"""The one place where code that is not ours is let fail: whatever it raises becomes words and a traceback."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from studio.api.errors import Stopped, StudioError

T = TypeVar("T")


@dataclass(frozen=True)
class Failure:
    """What went wrong: for the user, and for those who ask."""

    error: str
    traceback: str


def attempt(call: Callable[[], T]) -> T | Failure:
    """What `call` gives, or how it failed; `Stopped` passes through."""
    try:
        return call()
    except Stopped:
        raise
    except Exception as error:  # noqa: BLE001 - a node's code is a plugin's: whatever it raises is shown in its node
        return Failure(_words(error), traceback.format_exc())


def _words(error: Exception) -> str:
    if isinstance(error, StudioError):
        return str(error)
    if isinstance(error, MemoryError):
        return "There was not enough memory. Make fewer or smaller samples, or close other programs."
    return f"{type(error).__name__}: {error}. This is a fault in the code, not in what you did; the details help to report it."
