"""What the graph costs beside the work in it: a chain of small nodes against the same functions in a bare loop.

    python tests/benchmarks/graph.py [NODES] [REPEATS]

Microseconds of processor time per node, median of the repeats: cold (nothing kept), warm (nothing changed) and with the
last node changed.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from time import process_time
from typing import Annotated

sys.path.insert(0, str(Path(__file__).parents[2]))

from studio.api import node, param
from studio.engine.graph.cache import Cache
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.engine.graph.execute import Execution, Workshop


@node("add", "Add", category="test", outputs={"number": "number"})
def add(a: Annotated[float | None, "number"] = None, by: float = param(1.0, "How much.")) -> float:
    """A sum."""
    return (a or 0.0) + by


def chain(length: int) -> Graph:
    """So many nodes in a row."""
    nodes = tuple(GraphNode(id=f"n{k}", type="add", values={"by": 0.5}) for k in range(length))
    links = tuple(Link(source=f"n{k}", output="number", target=f"n{k + 1}", input="a") for k in range(length - 1))
    return Graph(nodes=nodes, links=links)


def bare(length: int) -> None:
    """The same functions without a graph."""
    value = None
    for _ in range(length):
        value = add.function(a=value, by=0.5)


def timed(act: Callable[[], object], repeats: int, before: Callable[[], object] = lambda: None) -> float:
    """Median seconds of processor time, which other programs do not change much."""
    seconds = list[float]()
    for _ in range(repeats):
        before()
        begun = process_time()
        act()
        seconds.append(process_time() - begun)
    return median(seconds)


def main(length: int = 1000, repeats: int = 7) -> None:
    """Measure and print."""
    graph, cache = chain(length), Cache()
    workshop = Workshop({"add": add}, lambda reference, provider: None, Path(mkdtemp()), cache)
    steps = iter(range(10**9))

    def run(graph: Graph) -> None:
        Execution(graph, (), workshop, lambda event: None).run()

    def last_changed() -> None:
        last = graph.nodes[-1].model_copy(update={"values": {"by": float(next(steps))}})
        run(graph.replace(last))

    rows = {
        "bare loop": timed(lambda: bare(length), repeats),
        "cold": timed(lambda: run(graph), repeats, cache.clear),
        "warm": timed(lambda: run(graph), repeats),
        "last node changed": timed(last_changed, repeats),
    }
    for name, seconds in rows.items():
        print(f"{name:20} {seconds / length * 1e6:8.2f} us per node  {seconds * 1e3:9.2f} ms in all")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
