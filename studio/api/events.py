"""Everything that happens in a run, as small frozen tagged facts: window, command line, log and history read the same."""

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from studio.api.frozen import Frozen


class Started(Frozen):
    """The trainer is up; `parameters` is the number of trainable weights."""

    kind: Literal["started"] = "started"
    step: int = 0
    total: int | None
    device: str
    precision: str = "float32"
    threads: int = 1
    parameters: int


class Step(Frozen):
    """One optimisation step is done; a value that was not finite is None."""

    kind: Literal["step"] = "step"
    stage: str
    step: int
    total: int | None
    seconds: float
    values: dict[str, float | None]


class Preview(Frozen):
    """Samples from fixed noise, in `file` (an .npz or .txt in the run folder)."""

    kind: Literal["preview"] = "preview"
    step: int
    name: str
    file: str


class Message(Frozen):
    """Something worth telling."""

    kind: Literal["message"] = "message"
    level: Literal["info", "warning", "error"] = "info"
    text: str


class Checkpointed(Frozen):
    """The state after `step` is safe on disk."""

    kind: Literal["checkpointed"] = "checkpointed"
    step: int
    file: str
    sha256: str


class Exported(Frozen):
    """The model is exported; `parity` is the largest difference from torch, by graph."""

    kind: Literal["exported"] = "exported"
    folder: str
    parity: dict[str, float]
    seconds: float


class Paused(Frozen):
    """The run stopped on request and can be resumed from `step`."""

    kind: Literal["paused"] = "paused"
    step: int


class Cancelled(Frozen):
    """The run was cancelled; its last checkpoint and preview stay."""

    kind: Literal["cancelled"] = "cancelled"
    step: int


class Failed(Frozen):
    """The run failed: the cause in words, whose code it was, and the traceback for those who ask."""

    kind: Literal["failed"] = "failed"
    error: str
    culprit: str = ""
    traceback: str = ""


class Done(Frozen):
    """The run is complete."""

    kind: Literal["done"] = "done"
    step: int
    seconds: float


Event = Annotated[
    Started | Step | Preview | Message | Checkpointed | Exported | Paused | Cancelled | Failed | Done,
    Field(discriminator="kind"),
]


class Entry(Frozen):
    """One line of a journal: a gapless number, seconds since the epoch, and the event."""

    seq: int
    time: float
    event: Event


entries: TypeAdapter[Entry] = TypeAdapter(Entry)
