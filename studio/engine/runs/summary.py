"""What a journal comes to: folded entry by entry, so that a growing one is never read twice."""

from dataclasses import dataclass, field
from typing import Literal

from studio.api.events import Cancelled, Done, Entry, Exported, Failed, Paused, Started, Step
from studio.engine.engine import RunInfo
from studio.engine.runs.endings import explain
from studio.engine.runs.folder import RunFolder
from studio.engine.runs.record import RunRecord

Ending = Literal["done", "failed", "cancelled", "paused"]
State = Literal["queued", "running", "paused", "done", "failed", "cancelled", "lost"]


@dataclass
class Summary:
    """A journal folded up to byte `offset`; `seconds` were spent by trainers at work, `at` is the time of the last entry."""

    offset: int = 0
    seq: int = -1
    at: float = 0.0
    step: int = 0
    total: int | None = None
    parameters: int = 0
    seconds: float = 0.0
    latest: dict[str, float | None] = field(default_factory=dict[str, float | None])
    ending: Ending | None = None
    reason: str = ""
    exported: bool = False

    def add(self, entry: Entry) -> None:
        """Take in one more entry."""
        event = entry.event
        if self.ending is None and self.seq >= 0 and not isinstance(event, Started):
            self.seconds += max(0.0, entry.time - self.at)
        self.seq, self.at = entry.seq, entry.time
        match event:
            case Started():
                self.step, self.total, self.parameters, self.ending, self.reason = (
                    event.step,
                    event.total,
                    event.parameters,
                    None,
                    "",
                )
            case Step():
                self.step, self.total, self.latest = event.step, event.total, {**self.latest, **event.values}
            case Exported():
                self.exported = True
            case Failed():
                self.ending, self.reason = "failed", event.error
            case Done() | Cancelled() | Paused():
                self.ending, self.reason = event.kind, ""
            case _:
                pass


def inform(folder: RunFolder, record: RunRecord, summary: Summary, alive: bool) -> RunInfo:
    """A run as everyone sees it."""
    state = _state(folder, summary, alive)
    return RunInfo(
        id=record.id, title=record.title, request=record.request, state=state, created=record.created,
        step=summary.step, total=summary.total or record.request.budget.steps, seconds=summary.seconds, latest=summary.latest,
        reason=_lost(folder) if state == "lost" else summary.reason,
        model=f"run:{record.id}" if summary.exported else None,
    )  # fmt: skip


def _state(folder: RunFolder, summary: Summary, alive: bool) -> State:
    if alive:
        return "running"
    if folder.place() is not None:
        return "queued"
    return summary.ending or "lost"


def _lost(folder: RunFolder) -> str:
    latest = folder.checkpoints.latest()
    remedy = f"Resume to go on from step {latest.step}." if latest else "No checkpoint was made; resume to begin again."
    return f"{explain(folder.exit_code())} {remedy}"
