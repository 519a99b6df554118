"""The example graphs that come with the studio."""

import pytest

from studio.engine.graph.check import check
from studio.engine.graph.files import load
from studio.engine.nodes import studio_nodes
from studio.home import resources

EXAMPLES = sorted((resources() / "graphs").glob("*.json"))


def test_that_there_are_examples():
    assert len(EXAMPLES) >= 4


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_that_an_example_is_sound(path):
    nodes = {node.type.id: node for node in studio_nodes()}
    graph = load(path)
    assert check(graph, nodes) == {}
    known = {node.id: {parameter.name for parameter in nodes[node.type].type.parameters} for node in graph.nodes}
    assert all(set(node.values) <= known[node.id] for node in graph.nodes)
