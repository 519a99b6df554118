"""A line of the zoo's table: what is measured, what it is held against, and what came out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel


class Result(BaseModel):
    """What a line measured.

    Attributes:
        ours: the metric of our method.
        peer: the same metric of a peer in the same run, where there is one.
        cpu_seconds: processor time that our training took.
        notes: what else was seen, in a few words.
    """

    ours: float
    peer: float | None = None
    cpu_seconds: float = 0.0
    notes: str = ""


@dataclass(frozen=True)
class Line:
    """One measurement.

    Attributes:
        name: unique, "method dataset what".
        budget: in words: steps, batch, threads.
        metric: with its unit.
        better: which way is better.
        target: what the project set itself, or None where the line only reports.
        reference: a published figure or the peer, with its source; "peer" figures come from `measure` itself.
        published: the published figure, where `reference` names one.
        measure: trains and measures; seeded.
    """

    name: str
    method: str
    dataset: str
    budget: str
    metric: str
    better: Literal["lower", "higher"]
    measure: Callable[[], Result]
    target: float | None = None
    reference: str = ""
    published: float | None = None
