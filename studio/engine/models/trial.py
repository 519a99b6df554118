"""python -m studio.engine.models.trial FILE: open one graph, and say by the exit code how it went (1: it is refused)."""

import sys
from pathlib import Path

from studio.api.errors import StudioError
from studio.engine.models.session import open_session

MEMORY = 3 * 2**30


def main(file: Path) -> int:
    """Open it on the CPU within bounds of memory."""
    _bound_memory(MEMORY + 3 * sum(other.stat().st_size for other in file.parent.iterdir()))
    try:
        open_session(file, "cpu", 1)
    except StudioError as error:
        print(error)
        return 1
    return 0


def _bound_memory(size: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
