"""How the engine is: what it computes on, and the memory it takes."""

import os
from pathlib import Path

import psutil

from studio.engine.engine import Health


def health(home: Path) -> Health:
    """The state of this process; `provider` is what a model is opened on where none is asked for."""
    from studio.engine.models.providers import available, choose

    providers = available()
    device = "cuda" if "cuda" in providers else "mps" if "coreml" in providers else "cpu"
    return Health(
        pid=os.getpid(), provider=choose("auto")[0], providers=providers, device=device,
        memory=psutil.Process().memory_info().rss, home=str(home),
    )  # fmt: skip
