"""What a run would take: measured once per kind of request, and corrected by runs that were really made."""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from studio.api.errors import StudioError
from studio.engine.engine import Estimate, RunInfo
from studio.engine.runs.endings import explain
from studio.engine.runs.request import TrainRequest
from studio.engine.training.process import WORKER
from studio.engine.training.question import Measured, Question

PATIENCE = 60.0
ENOUGH_STEPS = 50


class Estimator:
    """Measures requests, each kind once."""

    def __init__(self, store: Path) -> None:
        self.store = store
        self._measured: dict[str, Measured] = {}
        self._turn = threading.Lock()

    def estimate(self, request: TrainRequest, past: Iterable[RunInfo], disabled: tuple[str, ...] = ()) -> Estimate:
        """Weights, memory and time of a request; `past` runs of the same kind know the time better than a few steps.

        Raises:
            StudioError: the request cannot be trained as it is, or its first steps take longer than a minute.
        """
        with self._turn:
            measured = self._measured.get(kind(request)) or self._measure(request, disabled)
            self._measured[kind(request)] = measured
        earlier = [run.seconds / run.step for run in past if _tells(run, request)]
        per_step = min(earlier) if earlier else measured.seconds_per_step
        basis = "from an earlier run like this one" if earlier else "from a few steps, timed on this computer"
        return Estimate(parameters=measured.parameters, memory=measured.memory, seconds=_whole(request, per_step), basis=basis)

    def _measure(self, request: TrainRequest, disabled: tuple[str, ...]) -> Measured:
        with tempfile.TemporaryDirectory() as folder:
            question = Path(folder) / "question.json"
            question.write_text(Question(request=request, store=self.store, disabled=disabled).model_dump_json())
            measured = _ask(question)
        if measured.error:
            raise StudioError(measured.error)
        return measured


def _ask(question: Path) -> Measured:
    command = [sys.executable, "-m", WORKER, "--estimate", str(question)]
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        text = f"No estimate: the first steps took longer than {PATIENCE:.0f} s. Make the model or the batch smaller."
        raise StudioError(text) from None
    try:
        return Measured.model_validate_json(done.stdout.splitlines()[-1] if done.stdout else b"")
    except ValidationError:
        tail = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or [explain(done.returncode)]
        raise StudioError(f"No estimate: the first steps failed. {tail[0]}") from None


def kind(request: TrainRequest) -> str:
    """Requests of one kind cost the same per step."""
    return request.model_dump_json(exclude={"budget", "seed", "title", "checkpoint_every", "preview_every"})


def _tells(run: RunInfo, request: TrainRequest) -> bool:
    return run.state == "done" and run.step >= ENOUGH_STEPS and kind(run.request) == kind(request)


def _whole(request: TrainRequest, per_step: float) -> float | None:
    budget = request.budget
    limits = [budget.steps * per_step] if budget.steps else []
    return min([*limits, *([budget.seconds] if budget.seconds else [])], default=None)
