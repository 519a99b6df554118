"""What several models make, side by side."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from studio.api.node import node
from studio.api.params import param
from studio.api.space import Points, Table, Tokens
from studio.api.values import Samples, TextValue
from studio.engine.nodes.panels import Pixels, as_samples, farthest, in_rows, panels
from studio.engine.render import render
from studio.engine.tables import as_csv


@node("compare", "Compare", category="output", outputs={"comparison": "any"})
def compare(
    a: Annotated[Samples, "samples"],
    b: Annotated[Samples | None, "samples"] = None,
    c: Annotated[Samples | None, "samples"] = None,
    d: Annotated[Samples | None, "samples"] = None,
    count: int = param(8, "Samples of each.", ge=1, le=64),
) -> Samples | TextValue:
    """What several models make: a row of pictures for each, clouds of points beside each other, or their texts."""
    given = [samples for samples in (a, b, c, d) if samples is not None]
    if any(isinstance(samples.space, Tokens | Table) for samples in given):
        return TextValue("\n\n".join(_titled(samples, count) for samples in given))
    return as_samples(in_rows(_rows(given, count)), " | ".join(samples.title for samples in given))


def _rows(given: Sequence[Samples], count: int) -> list[Pixels]:
    """A row for each; clouds of points share one row and one scale."""
    if all(isinstance(samples.space, Points) for samples in given):
        reach = max(farthest(samples.array) for samples in given)
        return [np.concatenate([panels(samples, reach) for samples in given])]
    return [panels(samples)[:count] for samples in given]


def _titled(samples: Samples, count: int) -> str:
    words = _table(samples, count) if isinstance(samples.space, Table) else _texts(samples, count)
    return f"── {samples.title or samples.space.kind}\n{words}"


def _table(samples: Samples, count: int) -> str:
    assert isinstance(samples.space, Table)
    return as_csv(samples.array[:count], samples.space)


def _texts(samples: Samples, count: int) -> str:
    shown = render(samples.array, samples.space, count)
    return "\n".join(shown.texts) or f"{len(samples.array)} samples ({samples.space.kind})"
