"""Samples as one picture."""

from typing import Annotated

from studio.api.node import node
from studio.api.params import param
from studio.api.values import Samples
from studio.engine.nodes.panels import as_samples, in_columns, panels, same_size


@node("grid", "Grid", category="output", outputs={"image": "image"})
def grid(
    a: Annotated[Samples, "samples"],
    b: Annotated[Samples | None, "samples"] = None,
    c: Annotated[Samples | None, "samples"] = None,
    d: Annotated[Samples | None, "samples"] = None,
    columns: int = param(8, "Pictures beside each other.", ge=1, le=64),
) -> Samples:
    """All samples in one picture, row by row."""
    given = [samples for samples in (a, b, c, d) if samples is not None]
    return as_samples(in_columns(same_size([panels(samples) for samples in given]), columns), a.title)
