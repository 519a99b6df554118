"""A few real steps of a request, timed, in a process that is thrown away."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.api.events import Event
from studio.engine.plugins.discover import discover
from studio.engine.training.assemble import Job, Shop
from studio.engine.training.device import use_threads
from studio.engine.training.question import Measured, Question
from studio.kit.insight import Insight
from studio.kit.stage import Stage
from studio.kit.training import Training

STEPS = 3
ENOUGH = 2.0


class _Nowhere:
    """A recorder of what nobody wants to know."""

    def report(self, event: Event) -> None: ...
    def save(self, step: int, tensors: Mapping[str, Tensor], facts: Any) -> None: ...
    def preview(self, step: int, samples: NDArray[Any], insights: Mapping[str, Insight]) -> None: ...


def measure(file: Path) -> Measured:
    """The cost of one step, averaged over the stages by their shares; the first step of a stage is not counted."""
    question = Question.model_validate_json(file.read_bytes())
    if hasattr(os, "nice"):
        os.nice(5)
    use_threads()
    job = Shop(discover(question.disabled), question.store).assemble(question.request)
    generator = job.generator.to(job.settings.device).train()
    stages = list(generator.stages())
    shares = sum(stage.share for stage in stages)
    seconds = sum(_time(stage, job) * stage.share / shares for stage in stages)
    weights = sum(weight.numel() for weight in generator.parameters() if weight.requires_grad)
    return Measured(parameters=weights, memory=_memory(job.settings.device), seconds_per_step=seconds)


def _time(stage: Stage, job: Job) -> float:
    training = Training(job.settings, _Nowhere())
    training.stage_steps = training.settings.steps
    state, batches = stage.setup(training), stage.data(job.source)
    taken: list[float] = []
    while (len(taken) < STEPS and sum(taken) < ENOUGH) or len(taken) < 2:
        begun = time.monotonic()
        with training.autocast():
            values = stage.step(state, batches(len(taken)), training)
        for value in values.values():
            float(value)
        taken.append(time.monotonic() - begun)
        training.step = training.stage_step = len(taken)
    return min(taken[1:])


def _memory(device: torch.device) -> int:
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    used = psutil.Process().memory_info()
    return int(getattr(used, "peak_wset", used.rss))
