"""What every exported model must be good for: a node of a graph, and a row of a comparison."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from studio.api.dataset import Dataset
from studio.api.errors import StudioError
from studio.engine.comparison.compare import compare
from studio.engine.engine import GraphEvent
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.engine.graph.execute import Execution, Workshop
from studio.engine.models.model import Model
from studio.engine.plugins.discover import discover

SAMPLES = 16


def runs_in_a_graph(model: Model, dataset: Dataset) -> str:
    """From noise to something that can be looked at.

    Raises:
        StudioError: a node failed, or there is nothing to see.
    """
    heard = list[GraphEvent]()
    with TemporaryDirectory() as folder:
        shop = Workshop(discover().nodes, lambda reference, provider: model, Path(folder))
        Execution(_graph(str(model.folder)), (), shop, heard.append).run()
    for event in heard:
        if event.kind == "node_failed":
            raise StudioError(f"{event.error} {event.traceback}".strip())
    done = [event for event in heard if event.kind == "node_done"]
    if not any(event.node == "sample" and event.rendering for event in done):
        raise StudioError("there is nothing to see of its samples")
    return f"{len(done)} nodes"


def _graph(model: str) -> Graph:
    nodes = (
        GraphNode(id="model", type="model", values={"model": model}),
        GraphNode(id="noise", type="noise", values={"count": 2}),
        GraphNode(id="sample", type="sample"),
    )
    ends = (("model", "model", "noise", "model"), ("model", "model", "sample", "model"), ("noise", "latent", "sample", "noise"))
    links = tuple(Link(source=start, output=output, target=end, input=port) for start, output, end, port in ends)
    return Graph(nodes=nodes, links=links)


def is_compared(model: Model, dataset: Dataset) -> str:
    """Measured against data by every metric of its kind.

    Raises:
        StudioError: it cannot be measured, or a number is not finite.
    """
    (row,) = compare({"model": model}, dataset, SAMPLES, 0)
    if not row.metrics or not np.isfinite(list(row.metrics.values())).all():
        raise StudioError(f"its numbers are {row.metrics or 'none'}")
    return ", ".join(f"{name} {value:.3g}" for name, value in row.metrics.items())


USES = {"its model runs in a graph": runs_in_a_graph, "its model is measured in a comparison": is_compared}
"""Further laws, for `studio.engine.training.laws.check`."""
