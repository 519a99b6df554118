"""What is known of each node's last execution, built up from the engine's events."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from studio.engine.engine import ExecutionDone, GraphEvent, NodeDone, NodeFailed, NodeProgress, NodeSkipped, NodeStarted
from studio.engine.rendering import Rendering
from studio.ui.measures import duration, provider

Phase = Literal["idle", "waiting", "running", "done", "failed", "skipped"]


@dataclass(frozen=True)
class Outcome:
    """One node's last execution; `rendering` stays from the one before until there is a newer."""

    phase: Phase = "idle"
    step: int = 0
    total: int = 0
    seconds: float = 0.0
    cached: bool = False
    rendering: Rendering | None = None
    provider: str = ""
    note: str = ""
    error: str = ""
    traceback: str = ""
    because: str = ""

    @property
    def progress(self) -> float | None:
        """From 0 to 1 while it runs, None where nothing is to be shown."""
        return self.step / self.total if self.phase == "running" and self.total else None

    @property
    def caption(self) -> str:
        """One short line under the node: "12 ms · cached"."""
        return _CAPTIONS[self.phase](self)


IDLE = Outcome()


def after(outcomes: Mapping[str, Outcome], event: GraphEvent) -> dict[str, Outcome]:
    """The outcomes once `event` has happened."""
    if isinstance(event, ExecutionDone):
        return {id: _settled(outcome) for id, outcome in outcomes.items()}
    return {**outcomes, event.node: _after(outcomes.get(event.node, IDLE), event)}


def _after(outcome: Outcome, event: NodeStarted | NodeProgress | NodeDone | NodeFailed | NodeSkipped) -> Outcome:
    kept = Outcome(rendering=outcome.rendering)
    match event:
        case NodeStarted():
            return replace(kept, phase="running")
        case NodeProgress():
            shown = event.rendering or outcome.rendering
            return replace(kept, phase="running", step=event.step, total=event.total, rendering=shown)
        case NodeDone():
            return Outcome(
                phase="done", seconds=event.seconds, cached=event.cached, rendering=event.rendering,
                provider=event.provider, note=event.note,
            )  # fmt: skip
        case NodeFailed():
            return Outcome(phase="failed", error=event.error, traceback=event.traceback)
        case NodeSkipped():
            return replace(kept, phase="skipped", because=event.because)


def _settled(outcome: Outcome) -> Outcome:
    return replace(outcome, phase="idle", step=0, total=0) if outcome.phase in ("waiting", "running") else outcome


def _done(outcome: Outcome) -> str:
    return " · ".join(filter(None, (duration(outcome.seconds), "cached" if outcome.cached else "", provider(outcome.provider))))


def _running(outcome: Outcome) -> str:
    return f"step {outcome.step} of {outcome.total}" if outcome.total else "running"


_CAPTIONS = {
    "idle": lambda outcome: "",
    "waiting": lambda outcome: "waiting",
    "running": _running,
    "done": _done,
    "failed": lambda outcome: outcome.error.split("\n", maxsplit=1)[0],
    "skipped": lambda outcome: f"not run: {outcome.because} failed",
}
