"""studio self-test"""

import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

import numpy as np

from studio.api.errors import StudioError
from studio.cli.command import Answer, columns
from studio.engine.engine import ModelInfo
from studio.engine.local import LocalEngine
from studio.engine.models.catalog import resolve
from studio.engine.models.model import Model
from studio.engine.training.laws import check


def arguments(parser: ArgumentParser) -> None:
    """None beyond the common ones."""


def run(options: Namespace) -> Answer:
    """Plugins load, starter models sample the same twice, files can be written, and a method trains, exports and agrees."""
    engine = LocalEngine()
    tests: dict[str, Callable[[], str]] = {"plugins load": lambda: plugins(engine), "the user's folder can be written": writable}
    for model in engine.models():
        if model.starter:
            tests[f"{model.reference} samples"] = lambda model=model: samples(model)
    tests["a method trains, exports and agrees with torch"] = lambda: laws(engine)
    outcomes = [(name, *_try(test)) for name, test in tests.items()]
    rows = [("ok" if holds else "FAILED", name, detail) for name, holds, detail in outcomes]
    failed = any(not holds for _, holds, _ in outcomes)
    return Answer([{"test": name, "ok": holds, "detail": detail} for name, holds, detail in outcomes], columns(rows), failed)


def _try(test: Callable[[], str]) -> tuple[bool, str]:
    try:
        return True, test()
    except StudioError as error:
        return False, str(error)


def plugins(engine: LocalEngine) -> str:
    """All healthy."""
    for plugin in engine.plugins():
        if not plugin.healthy:
            raise StudioError(f"{plugin.name}: {plugin.error}")
    return f"{len(engine.plugins())} plugins, {len(engine.methods())} methods"


def writable() -> str:
    """A temporary file can be made where runs are kept."""
    home = Path(LocalEngine().health().home)
    try:
        with tempfile.TemporaryFile(dir=home):
            return str(home)
    except OSError as error:
        raise StudioError(f"{home} cannot be written: {error.strerror}. Set STUDIO_HOME to another folder.") from error


def samples(info: ModelInfo) -> str:
    """Two draws of one seed are equal and finite."""
    model = Model.open(resolve(info.reference))
    first, second = model.sample(n=2, seed=0), model.sample(n=2, seed=0)
    if not np.array_equal(first, second) or not np.isfinite(first).all():
        raise StudioError("the same seed gave different or broken samples.")
    return f"on {model.provider}"


def laws(engine: LocalEngine) -> str:
    """Every law of the first method that models points."""
    card = next(card for card in engine.registry().methods.values() if "points" in card.accepts)
    broken = [verdict for verdict in check(card, ("points",)) if not verdict.holds]
    if broken:
        raise StudioError(f"{card.id}: {broken[0].law}: {broken[0].detail}")
    return card.id
