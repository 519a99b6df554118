"""A run's events in words."""

from studio.api.events import Cancelled, Checkpointed, Done, Event, Exported, Failed, Message, Paused, Preview, Started, Step
from studio.engine.engine import RunInfo
from studio.ui import measures

STATES = {
    "queued": ("waits in the queue", "pause", "dim"),
    "running": ("running", "play", "accent"),
    "paused": ("paused", "pause", "warn"),
    "done": ("done", "check", "good"),
    "failed": ("failed", "error", "bad"),
    "cancelled": ("cancelled", "stop", "dim"),
    "lost": ("ended without a word", "warning", "warn"),
}


def sentence(event: Event) -> tuple[str, str] | None:
    """The colour token of an event and what it says; None for steps and previews, which are drawn."""
    said = None
    match event:
        case Started(total=total, device=device, parameters=parameters):
            goal = f" for {measures.amount(total)} steps" if total else ""
            said = "dim", f"started{goal} on {device}: {measures.amount(parameters)} weights"
        case Message(level=level, text=text):
            said = {"info": "text", "warning": "warn_text", "error": "bad_text"}[level], text
        case Checkpointed(step=step):
            said = "dim", f"checkpoint safe at step {measures.amount(step)}"
        case Exported(parity=parity, seconds=seconds):
            worst = f", {max(parity.values()):.0e} from torch" if parity else ""
            said = "text", f"exported in {measures.duration(seconds)}{worst}"
        case Paused(step=step):
            said = "text", f"paused at step {measures.amount(step)}"
        case Cancelled(step=step):
            said = "text", f"cancelled at step {measures.amount(step)}; its last checkpoint and preview stay"
        case Failed(error=error, culprit=culprit):
            said = "bad_text", f"{culprit}: {error}" if culprit else error
        case Done(step=step, seconds=seconds):
            said = "good_text", f"done: {measures.amount(step)} steps in {measures.duration(seconds)}"
        case Step() | Preview():
            pass
    return said


def state(run: RunInfo) -> str:
    """Where a run stands, in one line."""
    parts = [STATES[run.state][0]]
    if run.step:
        parts.append(f"step {measures.amount(run.step)}" + (f" of {measures.amount(run.total)}" if run.total else ""))
    if run.seconds:
        parts.append(measures.duration(run.seconds))
    parts += [f"{name.replace('_', ' ')} {value:.4g}" for name, value in list(run.latest.items())[:2] if value is not None]
    return "  ·  ".join(parts)
