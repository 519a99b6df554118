"""How the engine is: what it computes on, and the memory it takes."""

import os
from pathlib import Path

import psutil

from studio.engine.engine import Health


def health(home: Path) -> Health:
    """The state of this process."""
    import onnxruntime

    providers = tuple(onnxruntime.get_available_providers())
    return Health(
        pid=os.getpid(), provider=providers[-1], providers=providers, device="cpu",
        memory=psutil.Process().memory_info().rss, home=str(home),
    )  # fmt: skip
