"""What several models make, side by side."""

from typing import Annotated

from studio.api.node import node
from studio.api.params import param
from studio.api.space import Table, Tokens
from studio.api.values import Samples, TextValue
from studio.engine.nodes.panels import as_samples, in_rows, panels
from studio.engine.render import render


@node("compare", "Compare", category="output", outputs={"comparison": "any"})
def compare(
    a: Annotated[Samples, "samples"],
    b: Annotated[Samples | None, "samples"] = None,
    c: Annotated[Samples | None, "samples"] = None,
    d: Annotated[Samples | None, "samples"] = None,
    count: int = param(8, "Samples of each.", ge=1, le=64),
) -> Samples | TextValue:
    """What several models make: a row of pictures for each, or their texts under their names."""
    given = [samples for samples in (a, b, c, d) if samples is not None]
    if any(isinstance(samples.space, Tokens | Table) for samples in given):
        return TextValue("\n\n".join(_titled(samples, count) for samples in given))
    rows = [panels(samples)[:count] for samples in given]
    return as_samples(in_rows(rows), " | ".join(samples.title for samples in given))


def _titled(samples: Samples, count: int) -> str:
    shown = render(samples.array, samples.space, count)
    words = "\n".join(shown.texts) or f"{len(samples.array)} samples ({samples.space.kind})"
    return f"── {samples.title or samples.space.kind}\n{words}"
