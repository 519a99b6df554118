"""How near a model's graphs are to torch, and how fast they are."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.api.errors import StudioError
from studio.api.model import ModelCard
from studio.engine.models.model import Model
from studio.engine.models.names import file_of
from studio.engine.models.session import ERRORS, Sessions, first_line

TOLERANCE = 1e-4
BATCHES = (1, 16)

Array = NDArray[Any]
Told = Callable[[int, int, str], None]


def untold(done: int, total: int, graph: str) -> None:
    """Progress that nobody asked for."""


@dataclass(frozen=True)
class Measured:
    """Of one graph, what went in and what torch made of it."""

    graph: str
    inputs: Mapping[str, Array]
    outputs: Mapping[str, Array]


def measure_parity(
    folder: Path, checks: Iterable[Measured], graphs: int, progress: Told, kept_open: int
) -> dict[str, float]:  # fmt: skip
    """The largest difference from torch by graph: absolute, or relative to the largest value where that is above 1.

    Args:
        kept_open: how many graphs are in memory at a time, each with weights of its own.

    Raises:
        StudioError: a difference above 1e-4, a symbol that is not the same, or a graph that does not run.
    """
    sessions, parity = Sessions(limit=kept_open), dict[str, float]()
    for check in checks:
        if not file_of(folder, check.graph).exists():
            continue
        parity[check.graph] = max(parity.get(check.graph, 0.0), _difference(folder, check, sessions))
        progress(len(parity), graphs, check.graph)
    return parity


def _difference(folder: Path, check: Measured, sessions: Sessions) -> float:
    session = sessions.get(file_of(folder, check.graph), "cpu", 1)
    feeds = {value.name: check.inputs[value.name] for value in session.get_inputs()}
    try:
        outputs = session.run(list(check.outputs), feeds)
    except ERRORS as error:
        raise StudioError(f"The graph '{check.graph}' does not run at another batch size: {first_line(error)}") from error
    gaps = {name: gap(np.asarray(got), check.outputs[name]) for name, got in zip(check.outputs, outputs, strict=True)}
    worst = max(gaps, key=lambda name: gaps[name])
    if not gaps[worst] <= TOLERANCE:
        raise StudioError(
            f"The graph '{check.graph}' differs from torch by {gaps[worst]:.3g} in '{worst}', more than {TOLERANCE:g}, so it is "
            "not offered. The run keeps its checkpoints."
        )
    return gaps[worst]


def gap(got: Array, expected: Array) -> float:
    """The largest difference, relative where values exceed 1; infinite where shapes, whole numbers or NaNs differ."""
    if got.shape != expected.shape or got.dtype != expected.dtype:
        return float("inf")
    if not np.issubdtype(expected.dtype, np.floating):
        return 0.0 if np.array_equal(got, expected) else float("inf")
    if not np.array_equal(np.isfinite(got), np.isfinite(expected)):
        return float("inf")
    finite = np.isfinite(expected)
    scale = max(1.0, float(np.abs(expected[finite]).max(initial=0.0)))
    return float(np.abs(got[finite] - expected[finite]).max(initial=0.0)) / scale


def measure_speed(folder: Path, card: ModelCard, batches: tuple[int, ...] = BATCHES) -> dict[str, float]:
    """Milliseconds per sample on the CPU at the default controls: "sampler" one at a time, "sampler x16" sixteen at once.

    Of a sampler of many steps the first few are timed.
    """
    model = Model(folder, card, "cpu", "", 0)
    try:
        return {
            name if n == 1 else f"{name} x{n}": _milliseconds(model, name, n) / n
            for name in (sampler.name for sampler in card.samplers if not _needs_data(model, sampler.name))
            for n in batches
        }
    finally:
        model.close()


def _needs_data(model: Model, sampler: str) -> bool:
    return any(port.kind not in ("label", "text") and not port.optional for port in model.sampler_card(sampler).inputs)


def _milliseconds(model: Model, sampler: str, n: int) -> float:
    marks, total = [time.perf_counter()], 1
    for progress in islice(model.run(sampler, n), 4):
        marks.append(time.perf_counter())
        total = progress.total
    if total == 1:
        begun = time.perf_counter()
        model.sample(sampler, n)
        return 1000 * (time.perf_counter() - begun)
    return 1000 * total * median(after - before for before, after in pairwise(marks[1:]))
