"""Why a node would run again."""

from studio.engine.graph.document import GraphNode
from studio.engine.graph.prepare import prepare
from studio.engine.graph.why import explain


def why(bench, graph, node):
    line = {ready.id: ready for ready in prepare(graph, [node], bench.workshop.nodes)}
    return explain(line[node], bench.workshop.cache, bench.workshop.history)


def test_that_an_unchanged_node_is_cached(bench, graph_of):
    graph = graph_of("a.number > b.a", a="give", b="add")
    bench.run(graph)
    answer = why(bench, graph, "b")
    assert answer.cached
    assert answer.changed == ()


def test_that_the_changed_value_is_named(bench, graph_of):
    graph = graph_of("a.number > b.a", a="give", b="add")
    bench.run(graph)
    changed = graph.replace(GraphNode(id="b", type="add", values={"by": 3}))
    assert why(bench, changed, "b").changed == ("by",)


def test_that_the_input_whose_source_changed_is_named(bench, graph_of):
    graph = graph_of("a.number > c.a", "b.number > c.b", a="give", b="give", c="add")
    bench.run(graph)
    changed = graph.replace(GraphNode(id="b", type="give", values={"value": 9}))
    assert why(bench, changed, "c").changed == ("b",)
    assert why(bench, changed, "b").changed == ("value",)
    assert why(bench, changed, "a").cached


def test_that_a_changed_file_is_named(bench, graph_of):
    graph = graph_of(a="read")
    bench.run(graph)
    bench.identity = "second"
    assert why(bench, graph, "a").changed == ("files",)


def test_that_a_node_that_never_ran_has_nothing_to_differ_from(bench, graph_of):
    answer = why(bench, graph_of(a="give"), "a")
    assert not answer.cached
    assert answer.changed == ()


def test_that_a_node_of_the_same_name_in_another_graph_does_not_mislead(bench, graph_of):
    graph = graph_of("a.number > b.a", a="give", b="add")
    bench.run(graph)
    bench.run(graph_of("a.number > b.a", a=("give", {"value": 50}), b=("add", {"by": 50})))
    changed = graph.replace(GraphNode(id="b", type="add", values={"by": 3}))
    assert why(bench, changed, "b").changed == ("by",)
