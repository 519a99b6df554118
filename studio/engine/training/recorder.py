"""Where a training leaves its traces: the run folder."""

import io
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from studio.api.errors import Stopped
from studio.api.events import Cancelled, Checkpointed, Event, Message, Paused, Preview, Step
from studio.engine.runs.atomic import write_atomically
from studio.engine.runs.folder import RunFolder
from studio.engine.runs.journal import Journal
from studio.engine.training.checkpoint import pack
from studio.kit.insight import Arrows, Insight, Lines, Surface

STEPS_PER_SECOND = 50
STEPS_KEPT = 2000
PREVIEWS_KEPT = 300
SLOWEST = 1.0


class FolderRecorder:
    """Records a training so that a long one stays readable.

    Steps are thinned to about `STEPS_PER_SECOND` at first and never below one in `SLOWEST` seconds; what was left out last is
    written before anything else, so the last step is always there. Validations (steps that took no time) are all written.
    """

    def __init__(self, folder: RunFolder, journal: Journal) -> None:
        self.folder = folder
        self.journal = journal
        self.step = 0
        self.stopped = ""
        self._told_to_stop = False
        self._begun = time.monotonic()
        self._due = 0.0
        self._held_step: Step | None = None
        self._preview_due = 0.0
        self._held_preview: tuple[int, NDArray[Any], Mapping[str, Insight]] | None = None

    def stop(self, *_: object) -> None:
        """Have the next report pause the run: a signal's handler."""
        self._told_to_stop = True

    def report(self, event: Event) -> None:
        """Record a fact; raises Stopped where the user paused or cancelled."""
        if isinstance(event, Step):
            self._report_step(event)
        else:
            self.write(event)
        self.stopped = self.folder.asked() or ("pause" if self._told_to_stop else "")
        if self.stopped:
            raise Stopped(self.stopped)

    def _report_step(self, event: Step) -> None:
        self.step, now = event.step, time.monotonic()
        if event.seconds > 0 and now < self._due:
            self._held_step = event
            return
        self._due = now + min(SLOWEST, max(1 / STEPS_PER_SECOND, (now - self._begun) / STEPS_KEPT))
        if event.seconds > 0:
            self._held_step = None
        self.write(event)

    def write(self, event: Event, safe: bool = False) -> None:
        """Record a fact without asking whether to go on."""
        held, self._held_step = self._held_step, None
        if held is not None:
            self.journal.append(held)
        self.journal.append(event, safe)

    def exporting(self, done: int, total: int, graph: str) -> None:
        """Tell how far the export is; raises Stopped as `report` does."""
        self.report(Message(text=f"Exporting the model: {graph} ({done} of {total})"))

    def save(self, step: int, tensors: Mapping[str, Tensor], facts: Any) -> None:
        """Make a checkpoint safe on disk."""
        saved = self.folder.checkpoints.save(step, pack(tensors, facts))
        self.write(Checkpointed(step=saved.step, file=f"checkpoints/{saved.file}", sha256=saved.sha256), safe=True)

    def preview(self, step: int, samples: NDArray[Any], insights: Mapping[str, Insight]) -> None:
        """Keep samples (n, *space.shape) and insights in one file; of a long run fewer are kept, the last one always."""
        now = time.monotonic()
        self._held_preview = (step, samples, insights)
        if now >= self._preview_due:
            self._preview_due = now + (now - self._begun) / PREVIEWS_KEPT
            self._keep_preview()

    def _keep_preview(self) -> None:
        if self._held_preview is None:
            return
        (step, samples, insights), self._held_preview = self._held_preview, None
        file = self.folder.previews / f"step-{step:06d}.npz"
        file.parent.mkdir(exist_ok=True)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, allow_pickle=False, samples=samples, **_arrays(insights))
        write_atomically(file, buffer.getvalue())
        self.write(Preview(step=step, name="sample", file=f"previews/{file.name}"))

    def end(self, event: Event) -> None:
        """The last fact of a run, safe on disk."""
        self._keep_preview()
        self.write(event, safe=True)

    def ending(self) -> Paused | Cancelled:
        """What a stop that the user asked for comes to."""
        return Cancelled(step=self.step) if self.stopped == "cancel" else Paused(step=self.step)


def _arrays(insights: Mapping[str, Insight]) -> dict[str, Any]:
    """Each insight under "kind.name", as `studio.engine.runs.preview` reads it."""
    made: dict[str, Any] = {}
    for name, insight in insights.items():
        match insight:
            case Surface(values=values, reach=reach):
                made |= {f"surface.{name}": _array(values), f"reach.{name}": np.array(reach, np.float32)}
            case Arrows(places=places, vectors=vectors):
                made[f"arrows.{name}"] = np.concatenate([_array(places), _array(vectors)], axis=1)
            case Lines(points=points):
                made[f"lines.{name}"] = _array(points)
    return made


def _array(tensor: Tensor) -> NDArray[Any]:
    return np.asarray(tensor.detach().to("cpu").float())
