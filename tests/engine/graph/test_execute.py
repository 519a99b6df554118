"""Running graphs: only what changed, whatever fails, until told to stop."""

import threading
from typing import Annotated

import numpy as np

from studio.api import node
from studio.api.values import Latents
from studio.engine.graph.document import GraphNode
from studio.engine.graph.execute import Execution, Workshop


def of_kind(events, kind):
    return [event for event in events if event.kind == kind]


def diamond(graph_of, **values):
    return graph_of(
        "a.number > b.a", "a.number > c.a", "b.number > d.a", "c.number > d.b",
        a=("give", values), b=("add", {"by": 1}), c=("add", {"by": 2}), d="add",
    )  # fmt: skip


def test_that_parents_run_before_children_and_the_end_is_told_last(bench, graph_of):
    events = bench.run(diamond(graph_of))
    order = [event.node for event in of_kind(events, "node_done")]
    assert order[0] == "a"
    assert order[-1] == "d"
    assert sorted(order) == ["a", "b", "c", "d"]
    assert events[-1].kind == "execution_done"
    assert not events[-1].stopped


def test_that_what_a_node_makes_is_shown(bench, graph_of):
    done = of_kind(bench.run(diamond(graph_of, value=3)), "node_done")
    assert done[-1].rendering.numbers == {"value": 9.0}


def test_that_a_graph_that_did_not_change_runs_nothing_again(bench, graph_of):
    bench.run(diamond(graph_of))
    bench.ran.clear()
    events = bench.run(diamond(graph_of))
    assert not bench.ran
    assert [event.cached for event in of_kind(events, "node_done")] == [True] * 4
    assert not of_kind(events, "node_started")


def test_that_a_changed_value_runs_the_node_and_what_it_feeds_alone(bench, graph_of):
    graph = diamond(graph_of)
    bench.run(graph)
    bench.ran.clear()
    bench.run(graph.replace(GraphNode(id="c", type="add", values={"by": 7})))
    assert bench.ran == {"add": 2}


def test_that_a_default_spelled_out_changes_nothing(bench, graph_of):
    bench.run(graph_of(a="give"))
    bench.run(graph_of(a=("give", {"value": 1.0})))
    assert bench.ran["give"] == 1


def test_that_moving_and_renaming_a_node_changes_nothing(bench, graph_of):
    bench.run(graph_of(a="give"))
    events = bench.run(graph_of(other="give"))
    assert of_kind(events, "node_done")[0].cached


def test_that_a_file_that_changed_makes_its_node_run_again(bench, graph_of):
    graph = graph_of("a.number > b.a", a="read", b="add")
    bench.run(graph)
    bench.identity = "second"
    bench.run(graph)
    assert bench.ran == {"read": 2, "add": 2}


def test_that_an_impure_node_always_runs_and_what_feeds_it_does_not(bench, graph_of):
    graph = graph_of("a.number > b.a", "b.number > c.a", a="give", b="note", c="add")
    bench.run(graph)
    bench.run(graph)
    assert bench.ran == {"give": 1, "note": 2, "add": 2}


def test_that_running_to_a_node_runs_only_what_it_needs(bench, graph_of):
    events = bench.run(diamond(graph_of), "b")
    assert [event.node for event in of_kind(events, "node_done")] == ["a", "b"]
    assert bench.ran == {"give": 1, "add": 1}


def test_that_a_failure_names_node_cause_and_remedy_and_other_branches_run_on(bench, graph_of):
    graph = graph_of(
        "a.number > bad.a",
        "bad.number > x.a",
        "x.number > y.a",
        "a.number > good.a",
        a="give",
        bad="fail",
        x="add",
        y="add",
        good="add",
    )
    events = bench.run(graph)
    (failed,) = of_kind(events, "node_failed")
    assert failed.node == "bad"
    assert failed.error == "Fail: The disk is gone. Plug it in."
    assert [(event.node, event.because) for event in of_kind(events, "node_skipped")] == [("x", "bad"), ("y", "bad")]
    assert [event.node for event in of_kind(events, "node_done")] == ["a", "good"]


def test_that_a_bug_in_a_node_is_told_with_its_traceback(bench, graph_of):
    (failed,) = of_kind(bench.run(graph_of("a.number > b.a", a="give", b=("fail", {"words": ""}))), "node_failed")
    assert "ValueError: oops" in failed.error
    assert "in fail" in failed.traceback


def test_that_a_failed_node_runs_again_next_time(bench, graph_of):
    graph = graph_of("a.number > b.a", a="give", b="fail")
    bench.run(graph)
    bench.run(graph)
    assert bench.ran == {"give": 1, "fail": 2}


def test_that_a_structural_fault_spares_the_rest_of_the_graph(bench, graph_of):
    events = bench.run(graph_of("b.number > c.a", a="give", b="add", c="add", z="martian"))
    assert {event.node for event in of_kind(events, "node_failed")} == {"b", "z"}
    assert [event.node for event in of_kind(events, "node_done")] == ["a"]


def test_that_a_value_outside_its_limits_fails_the_node_in_words(bench, graph_of):
    (failed,) = of_kind(bench.run(graph_of(a=("give", {"value": "much"}))), "node_failed")
    assert failed.error == "Give: 'value' must be a number, not 'much'."


def test_that_each_of_two_outputs_reaches_its_own_input(bench, graph_of):
    events = bench.run(graph_of("a.number > b.a", "b.low > c.a", "b.high > d.a", a="give", b="both", c="add", d="add"))
    shown = {event.node: event.rendering.numbers["value"] for event in of_kind(events, "node_done")}
    assert (shown["c"], shown["d"]) == (0.0, 2.0)


def test_that_stopping_ends_a_node_at_its_next_report(bench, graph_of):
    execution, events = bench.begin(graph_of("a.number > b.a", "b.number > c.a", a="give", b="slow", c="add"))
    bench.on_step = lambda step: execution.stop() if step == 10 else None
    execution.run()
    assert events[-1].kind == "execution_done"
    assert events[-1].stopped
    assert max(event.step for event in of_kind(events, "node_progress")) <= 10
    assert not [event for event in events if getattr(event, "node", "") == "c"]


def test_that_what_was_done_before_a_stop_is_not_done_again(bench, graph_of):
    graph = graph_of("a.number > b.a", a="give", b="slow")
    execution, _ = bench.begin(graph)
    bench.on_step = lambda step: execution.stop()
    execution.run()
    bench.on_step = lambda step: None
    bench.run(graph)
    assert bench.ran == {"give": 1, "slow": 2}


def test_that_stopping_interrupts_the_model_of_the_running_node(bench, graph_of):
    class Endless:
        def __init__(self):
            self.ended = threading.Event()

        def terminate(self):
            self.ended.set()

    model, opened = Endless(), threading.Event()

    @node("wait", "Wait", category="test", outputs={"number": "number"})
    def wait(context) -> float:
        running = context.model("any")
        opened.set()
        assert running.ended.wait(10)
        raise RuntimeError("terminated")

    nodes = {**bench.workshop.nodes, "wait": wait}
    events = []
    execution = Execution(
        graph_of(a="wait"), (), Workshop(nodes, lambda reference, provider: model, bench.workshop.folder), events.append
    )
    thread = threading.Thread(target=execution.run)
    thread.start()
    assert opened.wait(10)
    execution.stop()
    thread.join(10)
    assert [event.kind for event in events] == ["node_started", "execution_done"]


def test_that_progress_carries_a_preview(bench, graph_of):
    progress = of_kind(bench.run(graph_of("a.number > b.a", a="give", b="slow")), "node_progress")
    assert progress[-1].step == progress[-1].total == 1000
    assert progress[41].rendering.numbers == {"value": 41.0}


def test_that_a_target_that_is_not_there_is_told_in_words(bench, graph_of):
    events = bench.run(graph_of(a="give"), "b")
    assert events[0].error == "The graph has no node 'b'."
    assert events[-1].kind == "execution_done"


def test_that_results_no_longer_needed_are_let_go_when_the_cache_has_no_room(bench, graph_of):
    bench.small(0)
    events = bench.run(diamond(graph_of, value=3))
    assert of_kind(events, "node_done")[-1].rendering.numbers == {"value": 9.0}
    assert len(bench.workshop.cache) == 0


def test_that_a_cached_child_spares_a_parent_that_was_forgotten(bench, graph_of):
    graph = graph_of("a.number > b.a", a="give", b="add")
    bench.run(graph)
    key = next(iter(bench.workshop.cache._results))
    bench.workshop.cache._drop(key)
    bench.ran.clear()
    events = bench.run(graph, "b")
    assert not bench.ran
    assert [event.node for event in of_kind(events, "node_done")] == ["b"]


def test_that_a_chain_of_a_thousand_nodes_needs_a_thousand_hashes_each_of_constant_length(bench, graph_of, monkeypatch):
    from studio.engine.graph import keys

    hashed = []
    real = keys.blake2b
    monkeypatch.setattr(keys, "blake2b", lambda data, **how: hashed.append(len(data)) or real(data, **how))
    links = [f"n{i}.number > n{i + 1}.a" for i in range(999)]
    events = bench.run(graph_of(*links, n0="give", **{f"n{i}": "add" for i in range(1, 1000)}))
    assert len(of_kind(events, "node_done")) == 1000
    assert len(hashed) == 1000
    assert max(hashed) < 200


def test_that_no_node_can_change_what_another_one_reads(bench, graph_of):
    @node("make", "Make", category="test", outputs={"latent": "latent"})
    def make() -> Latents:
        return Latents(np.zeros((2, 2), np.float32))

    @node("spoil", "Spoil", category="test", outputs={"latent": "latent"})
    def spoil(a: Annotated[Latents, "latent"]) -> Latents:
        a.array += 1
        return a

    spoiling = {"make": make, "spoil": spoil}
    events = []
    workshop = Workshop(spoiling, lambda reference, provider: None, bench.workshop.folder)
    Execution(graph_of("a.latent > b.a", a="make", b="spoil"), (), workshop, events.append).run()
    (failed,) = of_kind(events, "node_failed")
    assert "read-only" in failed.error
