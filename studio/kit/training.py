"""The loop that knows nothing of any method: budgets, checkpoints, previews, validation, cancel and resume."""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, cast

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.api.errors import Stopped, StudioError
from studio.api.events import Event, Message, Started, Step
from studio.kit.checkpoint import flatten, random_state, set_random_state, unflatten
from studio.kit.generator import Generator
from studio.kit.insight import Insight
from studio.kit.preview import look
from studio.kit.source import Source
from studio.kit.stage import Stage, State

Precision = Literal["float32", "bfloat16", "float16"]
BAD_STEPS = 5


class Recorder(Protocol):
    """Where a training leaves its traces; the trainer's writes the run folder."""

    def report(self, event: Event) -> None:
        """Record a fact; raises Stopped where the user paused or cancelled."""
        ...

    def save(self, step: int, tensors: Mapping[str, Tensor], facts: Any) -> None:
        """Make a checkpoint safe on disk."""
        ...

    def preview(self, step: int, samples: NDArray[Any], insights: Mapping[str, Insight]) -> None:
        """Keep samples (n, *space.shape), and beside them what the plane shows, by name."""
        ...


@dataclass(frozen=True)
class Settings:
    """How to train; see `studio.engine.runs.request.TrainRequest`. `insights` says whether previews are more than samples."""

    steps: int | None = 1000
    seconds: float | None = None
    batch_size: int = 64
    seed: int = 0
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    precision: Precision = "float32"
    checkpoint_every: float = 30.0
    preview_every: float = 5.0
    previews: int = 16
    insights: bool = True


class Training:
    """What a stage is handed: where to compute, how far along it is, and the one way to update weights and report.

    Attributes:
        step: steps done in all stages; the stage's own count is `stage_step`.
        fraction: how much of the stage's budget is spent, 0 to 1.
    """

    def __init__(self, settings: Settings, recorder: Recorder) -> None:
        self.settings = settings
        self.device = settings.device
        self.step = 0
        self.stage_step = 0
        self.stage_steps: int | None = None
        self.stage_seconds: float | None = None
        self.spent = 0.0
        self.stage_spent = 0.0
        self.bad_steps = 0
        self._recorder = recorder
        self._scaler = torch.amp.GradScaler(self.device.type, enabled=settings.precision == "float16")

    @property
    def fraction(self) -> float:
        """Of this stage's budget, by steps or by time, whichever is nearer its end."""
        by_steps = self.stage_step / self.stage_steps if self.stage_steps else 0.0
        return min(1.0, max(by_steps, self.stage_spent / self.stage_seconds if self.stage_seconds else 0.0))

    def autocast(self) -> torch.autocast:
        """Mixed precision as the user chose it; the loop enters it around every step."""
        name = self.settings.precision
        dtype = torch.float16 if name == "float16" else torch.bfloat16
        return torch.autocast(self.device.type, dtype=dtype, enabled=name != "float32")

    def report(self, event: Event) -> None:
        """Record a fact and learn whether to stop: raises Stopped."""
        self._recorder.report(event)

    def update(
        self, loss: Tensor, optimizer: torch.optim.Optimizer, *, clip: float | None = None, lr: float | None = None
    ) -> Tensor:
        """One optimiser step on `loss`, skipped where loss or gradients are not finite.

        Args:
            clip: largest norm of the gradient.
            lr: learning rate for this step.

        Returns:
            The norm of the gradient before clipping.

        Raises:
            StudioError: `BAD_STEPS` updates in a row were not finite.
        """
        weights = [weight for group in optimizer.param_groups for weight in group["params"]]
        _set_lr(optimizer, lr)
        optimizer.zero_grad(set_to_none=True)
        cast(Any, self._scaler.scale(loss)).backward()
        self._scaler.unscale_(optimizer)
        norm = nn.utils.clip_grad_norm_(weights, math.inf if clip is None else clip)
        finite = bool(torch.isfinite(loss.detach()) & torch.isfinite(norm))
        self._count(finite)
        if finite or self._scaler.is_enabled():
            self._scaler.step(optimizer)
        self._scaler.update()
        return norm

    def _count(self, finite: bool) -> None:
        self.bad_steps = 0 if finite else self.bad_steps + 1
        if self.bad_steps >= BAD_STEPS:
            raise StudioError(
                f"The loss was not a finite number {BAD_STEPS} times in a row at step {self.step}. "
                "The last finite checkpoint is kept; try a lower learning rate."
            )


def _set_lr(optimizer: torch.optim.Optimizer, lr: float | None) -> None:
    if lr is not None:
        for group in optimizer.param_groups:
            group["lr"] = lr


class Fit:
    """One training of one generator, from the beginning or from a checkpoint."""

    def __init__(self, generator: Generator, source: Source, settings: Settings, recorder: Recorder) -> None:
        self.generator = generator.to(settings.device)
        for model in generator.inputs.values():
            model.to(settings.device).eval().requires_grad_(False)
        self.source = source
        self.settings = settings
        self.recorder = recorder
        self.training = Training(settings, recorder)
        self.stages = list(generator.stages())
        self.index = 0
        self.state: State | None = None
        self._saved = self._shown = -math.inf
        self._flawed: set[str] = set()

    def run(self) -> None:
        """Train to the end of the budget.

        Raises:
            Stopped: the user paused or cancelled; a checkpoint of the last whole step is on disk.
            StudioError: training cannot go on; the last finite checkpoint is kept.
        """
        weights = sum(weight.numel() for weight in self.generator.parameters() if weight.requires_grad)
        started = Started(
            step=self.training.step, total=self.settings.steps, device=str(self.settings.device),
            precision=self.settings.precision, threads=torch.get_num_threads(), parameters=weights,
        )  # fmt: skip
        self.recorder.report(started)
        if not self.training.step:
            self._preview()
        while self.index < len(self.stages):
            self._run_stage(self.stages[self.index])
            self.index, self.state = self.index + 1, None
            self.training.stage_step, self.training.stage_spent = 0, 0.0
        self._preview(last=True)
        self._save()

    def _run_stage(self, stage: Stage) -> None:
        self._allot(stage)
        if self.state is None:
            self.state = stage.setup(self.training)
            self._save()
        batches = stage.data(self.source)
        while self.training.fraction < 1.0:
            self._step(stage, batches(self.training.stage_step))
        self._validate(stage)

    def _step(self, stage: Stage, batch: Any) -> None:
        begun = time.monotonic()
        assert self.state is not None
        with self.training.autocast():
            values = stage.step(self.state, batch, self.training)
        seconds = time.monotonic() - begun
        self.training.step += 1
        self.training.stage_step += 1
        self.training.spent += seconds
        self.training.stage_spent += seconds
        self._tell(stage, values, seconds)
        self._keep(stage)

    def _tell(self, stage: Stage, values: Mapping[str, Tensor | float], seconds: float) -> None:
        numbers = {name: finite_or_none(float(value)) for name, value in values.items()}
        self._report(Step(stage=stage.name, step=self.training.step, total=self.settings.steps, seconds=seconds, values=numbers))

    def _report(self, event: Event) -> None:
        try:
            self.recorder.report(event)
        except Stopped:
            self._save()
            raise

    def _keep(self, stage: Stage) -> None:
        now = time.monotonic()
        if now - self._shown >= self.settings.preview_every:
            self._preview()
        if now - self._saved >= self.settings.checkpoint_every:
            self._save()
        every = max(1, self.training.stage_steps // 8) if self.training.stage_steps else 250
        if self.training.stage_step % every == 0 and self.training.fraction < 1.0:
            self._validate(stage)

    def _validate(self, stage: Stage) -> None:
        self.generator.eval()
        with torch.no_grad():
            numbers = stage.validate(self.source, self.training)
        self.generator.train()
        if numbers:
            self._tell(stage, numbers, 0.0)

    def _allot(self, stage: Stage) -> None:
        share = stage.share / sum(other.share for other in self.stages)
        steps, seconds = self.settings.steps, self.settings.seconds
        self.training.stage_steps = max(1, round(steps * share)) if steps else None
        self.training.stage_seconds = seconds * share if seconds else None

    def _preview(self, last: bool = False) -> None:
        begun = time.monotonic()
        settings = self.settings
        seen = look(self.generator, settings.previews, settings.device, settings.insights, last, self.source.words)
        self.recorder.preview(self.training.step, seen.samples, seen.insights)
        spent = time.monotonic() - begun
        self._shown = time.monotonic() + max(0.0, 5 * spent - self.settings.preview_every)
        for name in sorted(seen.flaws.keys() - self._flawed):
            self._flawed.add(name)
            self._report(Message(level="warning", text=f"'{name}' cannot be shown: {seen.flaws[name]}"))

    def _save(self) -> None:
        if self.training.bad_steps:
            return
        tensors, skeleton = flatten(self._tree())
        self.recorder.save(self.training.step, tensors, skeleton)
        self._saved = time.monotonic()

    def _tree(self) -> dict[str, Any]:
        training = self.training
        return {
            "generator": self.generator.state_dict(),
            "state": self.state.state_dict() if self.state else None,
            "random": random_state(),
            "scaler": training._scaler.state_dict(),  # pyright: ignore[reportPrivateUsage]
            "progress": [self.index, training.step, training.stage_step, training.spent, training.stage_spent],
        }

    def restore(self, tensors: dict[str, Tensor], skeleton: Any) -> None:
        """Continue from a checkpoint: the next step is the one an uninterrupted run would have made."""
        tree = unflatten(skeleton, tensors)
        self.generator.load_state_dict(tree["generator"])
        training = self.training
        self.index, training.step, training.stage_step, training.spent, training.stage_spent = tree["progress"]
        if tree["state"] is not None:
            self._allot(self.stages[self.index])
            self.state = state = self.stages[self.index].setup(training)
            state.load_state_dict(tree["state"])
        training._scaler.load_state_dict(tree["scaler"])  # pyright: ignore[reportPrivateUsage]
        set_random_state(tree["random"])


def load_weights(generator: Generator, tensors: dict[str, Tensor], skeleton: Any) -> None:
    """The generator's weights out of a checkpoint, for export and sampling."""
    generator.load_state_dict(unflatten(skeleton, tensors)["generator"])
    generator.eval()


def finite_or_none(value: float) -> float | None:
    """None for what JSON cannot hold."""
    return value if math.isfinite(value) else None
