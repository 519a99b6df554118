"""A model from elsewhere on its way in, as the engine tells of it: what it is, what speaks against it, how far it is."""

from typing import Literal

from pydantic import Field

from studio.api.frozen import Frozen


class Reference(Frozen):
    """Where a model lies.

    Attributes:
        name: a folder, a file in it, or "owner/model" on the hub.
        revision: of a name on the hub, a commit, tag or branch; else the newest commit.
        offline: of a name on the hub, use only what was fetched before.
        context: tokens that a language model is to see at once; 0 leaves it to the model.
    """

    name: str = Field(min_length=1)
    hub: bool = False
    revision: str = ""
    offline: bool = False
    context: int = Field(default=0, ge=0)


class Sight(Frozen):
    """What a folder holds, before anything of it is loaded. Sizes are bytes; 0 where they are not known.

    Attributes:
        folder: where it lies on this computer.
        source: where it comes from, as the model's card is to say it.
        opened_by: the kind of model in words.
        weights: numbers by the type they are kept in.
        size: what the model will take up.
        obstacles: what speaks against taking it in here, in words.
        context: tokens that a language model will see at once; 0 for any other.
        exported: whether the studio exported it, so that it is only copied.
    """

    folder: str
    source: str
    title: str
    family: str
    opened_by: str
    architecture: str
    weights: dict[str, int]
    size: int
    memory_to_import: int = 0
    memory_to_run: int = 0
    memory_free: int = 0
    disk_free: int = 0
    obstacles: tuple[str, ...] = ()
    context: int = 0
    exported: bool = False


class Intake(Frozen):
    """A model that is looked at or taken in.

    Attributes:
        state: "seen" waits for a decision; "failed" can be tried again where there is a `sight`.
        done, total: parts made so far and in all; a `total` of 0 is not known.
        what: what is being done, in words.
        seconds: since the present step began.
        model: "model:NAME" once it is taken in.
        difference: the largest from torch that was measured.
    """

    id: str
    reference: Reference
    state: Literal["looking", "seen", "taking", "done", "failed"] = "looking"
    title: str = ""
    done: int = 0
    total: int = 0
    what: str = ""
    seconds: float = 0.0
    sight: Sight | None = None
    model: str = ""
    difference: float | None = None
    error: str = ""
    details: str = ""

    @property
    def going(self) -> bool:
        """Whether a process is at work on it."""
        return self.state in ("looking", "taking")
