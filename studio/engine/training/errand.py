"""What the process that looks at models from elsewhere is asked, and what it tells."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from studio.api.frozen import Frozen
from studio.engine.intake import Reference, Sight
from studio.engine.training.adoption import Stage
from studio.engine.training.taking_in import Order, Taken


class Errand(Frozen):
    """Look at `reference`, or carry out `order`.

    Attributes:
        place: a folder for what is not finished.
    """

    place: Path
    reference: Reference | None = None
    order: Order | None = None
    disabled: tuple[str, ...] = ()


class Reached(Frozen):
    """How far it is."""

    kind: Literal["reached"] = "reached"
    stage: Stage


class Seen(Frozen):
    """What was found."""

    kind: Literal["seen"] = "seen"
    sight: Sight


class Arrived(Frozen):
    """What was taken in."""

    kind: Literal["arrived"] = "arrived"
    taken: Taken


class Failed(Frozen):
    """Why it is not possible."""

    kind: Literal["failed"] = "failed"
    error: str
    details: str = ""


News = Annotated[Reached | Seen | Arrived | Failed, Field(discriminator="kind")]
NEWS: TypeAdapter[News] = TypeAdapter(News)
