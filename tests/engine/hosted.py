"""An engine process with nodes that misbehave; the tests of both homes use the same nodes."""

import os
import sys
import time
from typing import Annotated, Any

import numpy as np

from studio.api import Image, NodeContext, node, param
from studio.api.node import Node
from studio.api.values import Samples
from studio.engine.plugins.registry import Registry

Number = Annotated[float | None, "number"]


@node("give", "Give", category="test", outputs={"number": "number"})
def give(value: float = param(1.0, "What to give.")) -> float:
    return value


@node("add", "Add", category="test", outputs={"number": "number"})
def add(a: Number = None, b: Number = None, by: float = param(0.0, "More.")) -> float:
    return (a or 0.0) + (b or 0.0) + by


@node("picture", "Picture", category="test", outputs={"image": "image"})
def picture(context: NodeContext, seed: int = param(0, "Seed."), steps: int = param(3, "Steps.")) -> Samples:
    space = Image(height=16, width=16)
    made = Samples(np.zeros((0, 3, 16, 16), np.float32), space)
    for step in range(steps):
        pixels = np.random.default_rng([seed, step]).uniform(-1, 1, (4, 3, 16, 16)).astype(np.float32)
        made = Samples(pixels, space)
        context.report(step + 1, steps, made)
    return made


@node("die", "Die", category="test", outputs={"number": "number"})
def die(
    a: Number = None,
    signal: int = param(9, "By which signal."),
    unless: str = param("", "Lives where this file exists; makes it."),
) -> float:
    if unless and os.path.exists(unless):  # noqa: PTH110
        return a or 0.0
    if unless:
        open(unless, "w").close()  # noqa: PTH123
    os.kill(os.getpid(), signal)
    time.sleep(60)
    return 0.0


@node("polite", "Polite", category="test", outputs={"number": "number"})
def polite(context: NodeContext, seconds: float = param(60.0, "How long.")) -> float:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        context.report(0, 1)
        time.sleep(0.01)
    return seconds


@node("deaf", "Deaf", category="test", outputs={"number": "number"})
def deaf(seconds: float = param(60.0, "How long.")) -> float:
    time.sleep(seconds)
    return seconds


@node("chatty", "Chatty", category="test", outputs={"number": "number"})
def chatty() -> float:
    print("x" * 100_000)
    os.write(1, b"raw bytes on standard output\n")
    print(repr(sys.stdin.read()))
    return 1.0


NODES: dict[str, Node] = {made.type.id: made for made in (give, add, picture, die, polite, deaf, chatty)}


def registry(**more: Any) -> Registry:
    """A registry of these nodes alone."""
    return Registry(nodes=NODES, **more)


if __name__ == "__main__":
    from studio.engine.host import main
    from studio.engine.local import LocalEngine

    main(lambda: LocalEngine(registry()))
