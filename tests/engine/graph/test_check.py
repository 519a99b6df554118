"""What is wrong with a graph, in words."""

from itertools import pairwise

import pytest

from studio.api import StudioError, node
from studio.engine.graph.check import check
from studio.engine.graph.document import Graph, GraphNode


def test_that_a_sound_graph_has_no_faults(bench, graph_of):
    assert check(graph_of("a.number > b.a", a="give", b="add"), bench.workshop.nodes) == {}


def test_that_a_ring_is_named_node_by_node(bench, graph_of):
    graph = graph_of("a.number > b.a", "b.number > c.a", "c.number > a.a", "c.number > d.a", a="add", b="add", c="add", d="add")
    found = check(graph, bench.workshop.nodes)
    assert set(found) == {"a", "b", "c"}
    ring = found["a"].split(": ")[1].split(". ")[0].split(" → ")
    assert ring[0] == ring[-1]
    assert set(pairwise(ring)) == {("a", "b"), ("b", "c"), ("c", "a")}


def test_that_two_rings_are_both_named(bench, graph_of):
    graph = graph_of("a.number > b.a", "b.number > a.a", "c.number > d.a", "d.number > c.a", a="add", b="add", c="add", d="add")
    found = check(graph, bench.workshop.nodes)
    assert set(found) == {"a", "b", "c", "d"}
    assert "c" not in found["a"].split(": ")[1].split(". ")[0]


@pytest.mark.parametrize(
    ("links", "nodes", "words"),
    [
        ([], {"b": "add"}, "Nothing is linked to 'a'"),
        ([], {"b": "martian"}, "no node type 'martian'"),
        (["a.number > b.z"], {"a": "give", "b": "give"}, "has no input 'z'"),
        (["a.none > b.a"], {"a": "give", "b": "add"}, "has no output 'none'; it has number"),
        (["ghost.number > b.a"], {"b": "add"}, "'ghost', which is not there"),
        (["a.number > b.a", "c.number > b.a"], {"a": "give", "c": "give", "b": "add"}, "More than one link"),
    ],
)
def test_that_a_fault_says_what_is_wrong(bench, graph_of, links, nodes, words):
    assert words in check(graph_of(*links, **nodes), bench.workshop.nodes)["b"]


def test_that_kinds_that_do_not_fit_are_named(bench, graph_of):
    @node("words", "Words", category="test", outputs={"text": "text"})
    def words() -> str:
        return ""

    graph = graph_of("a.text > b.a", a="words", b="add")
    assert "'a' takes a number, and 'a' gives text" in check(graph, {**bench.workshop.nodes, "words": words})["b"]


def test_that_two_nodes_of_one_id_are_refused(bench):
    with pytest.raises(StudioError, match="2 nodes called 'a'"):
        check(Graph(nodes=(GraphNode(id="a", type="give"), GraphNode(id="a", type="give"))), bench.workshop.nodes)


def test_that_a_chain_of_ten_thousand_nodes_is_no_recursion(bench, graph_of):
    links = [f"n{i}.number > n{i + 1}.a" for i in range(9999)]
    assert check(graph_of(*links, n0="give", **{f"n{i}": "add" for i in range(1, 10000)}), bench.workshop.nodes) == {}
