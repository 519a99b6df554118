"""The engine in a process of its own: it may die, hang or talk nonsense, and nothing is lost."""

import inspect
import os
import signal
import subprocess
import sys
import textwrap
import time
from itertools import pairwise
from pathlib import Path

import pytest

from studio.api import StudioError
from studio.engine.client import EngineClient
from studio.engine.engine import Engine
from studio.engine.graph.document import Graph, GraphNode, Link

ROOT = Path(__file__).parents[2]


def one(type, **values):
    return Graph(nodes=(GraphNode(id="only", type=type, values=values),))


def chain(*types, **values):
    nodes = tuple(GraphNode(id=type, type=type, values=values if type == "die" else {}) for type in types)
    return Graph(
        nodes=nodes,
        links=tuple(Link(source=a, output="number", target=b, input="a") for a, b in pairwise(types)),
    )


def watched(client):
    reasons, back = [], []
    client.on_lost = reasons.append
    client.on_back = lambda: back.append(time.monotonic())
    return reasons, back


def test_that_starting_does_not_wait_and_a_first_call_does(hosted_command):
    began = time.monotonic()
    client = EngineClient.start(hosted_command)
    assert time.monotonic() - began < 0.05
    assert client.health().pid != os.getpid()
    client.close()


def test_that_the_client_loads_nothing_heavy():
    code = "import sys, studio.engine.client; print(*sys.modules)"
    loaded = set(subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT).split())
    assert loaded & {"torch", "onnx", "onnxruntime", "studio.engine.local", "PySide6"} == set()


def test_that_every_call_of_the_protocol_is_there_with_its_signature():
    for name, member in vars(Engine).items():
        if inspect.isfunction(member) and not name.startswith("_"):
            assert name in vars(EngineClient), name


def test_that_an_execution_is_told_event_by_event(client, heard):
    listener = heard()
    client.execute(one("picture", steps=3), [], listener)
    kinds = [event.kind for event in listener.all()]
    assert kinds == ["node_started", *["node_progress"] * 3, "node_done", "execution_done"]
    assert len(listener.of("node_progress")[0].rendering.pixels) == 4 * 16 * 16 * 4


@pytest.mark.parametrize("name", ["SIGKILL", "SIGABRT", "SIGSEGV"])
def test_that_a_death_is_told_in_words_and_the_same_graph_runs_afterwards(client, heard, until, tmp_path, name):
    reasons, back = watched(client)
    graph = chain("give", "die", "add", signal=int(getattr(signal, name)), unless=str(tmp_path / "died"))
    first = heard()
    client.execute(graph, [], first)
    (failed,) = first.of("node_failed")
    assert failed.node == "die"
    assert name in failed.error
    assert "graph is intact" in failed.error
    assert first.events[-1].stopped
    until(lambda: reasons and back)
    assert name in reasons[0]
    again = heard()
    client.execute(graph, [], again)
    assert [event.node for event in again.of("node_done")] == ["give", "die", "add"]


def test_that_the_details_of_a_crash_hold_the_stack(client, heard):
    listener = heard()
    client.execute(one("die", signal=int(signal.SIGABRT)), [], listener)
    (failed,) = listener.of("node_failed")
    assert "hosted.py" in failed.traceback
    assert "in die" in failed.traceback


def test_that_a_call_under_way_at_a_death_fails_in_words(client, heard, until):
    from threading import Thread

    pid = client.health().pid
    os.kill(pid, signal.SIGSTOP)
    errors = []

    def ask():
        try:
            client.health()
        except StudioError as error:
            errors.append(str(error))

    thread = Thread(target=ask)
    thread.start()
    until(lambda: client._pending)
    os.kill(pid, signal.SIGKILL)
    thread.join(10)
    assert "SIGKILL" in errors[0]
    assert "'health' was not answered; ask again" in errors[0]
    assert client.health().pid != pid


def test_that_a_polite_node_stops_without_harm_to_the_process(client, heard):
    reasons, _ = watched(client)
    pid = client.health().pid
    listener = heard()
    id = client.execute(one("polite"), [], listener)
    assert listener.began.wait(10)
    began = time.monotonic()
    client.stop(id)
    assert listener.all()[-1].stopped
    assert time.monotonic() - began < 1.0
    assert client.health().pid == pid
    assert not reasons


def test_that_a_node_that_ignores_the_stop_is_ended_within_three_seconds_and_the_engine_is_back(client, heard, until):
    reasons, back = watched(client)
    pid = client.health().pid
    listener = heard()
    id = client.execute(one("deaf"), [], listener)
    assert listener.began.wait(10)
    began = time.monotonic()
    client.stop(id)
    events = listener.all(5)
    assert time.monotonic() - began < 3.0
    assert events[-1].stopped
    assert not [event for event in events if event.kind == "node_failed"]
    until(lambda: back)
    assert "did not stop in 'only' within 2 s" in reasons[0]
    assert client.health().pid != pid


def test_that_a_long_execution_holds_no_quick_call_up(client, heard):
    client.health()
    listener = heard()
    id = client.execute(one("polite"), [], listener)
    assert listener.began.wait(10)
    began = time.monotonic()
    for _ in range(20):
        client.runs()
    assert time.monotonic() - began < 2.0
    client.stop(id)
    listener.all()


def test_that_two_executions_run_beside_each_other(client, heard):
    long, short = heard(), heard()
    id = client.execute(one("polite"), [], long)
    client.execute(one("give", value=3.0), [], short)
    assert short.of("node_done")[0].rendering.numbers == {"value": 3.0}
    assert not long.over.is_set()
    client.stop(id)
    long.all()


def test_that_what_a_node_prints_does_not_disturb_the_pipe(client, heard, studio_home):
    listener = heard()
    client.execute(one("chatty"), [], listener)
    assert [event.kind for event in listener.all()] == ["node_started", "node_done", "execution_done"]
    assert "raw bytes on standard output" in (studio_home / "engine.log").read_text()


def test_that_an_error_of_the_engine_comes_across_in_its_words_with_its_traceback(client):
    with pytest.raises(StudioError, match="no node 'ghost'") as raised:
        client.why(one("give"), "ghost")
    assert "Traceback" in raised.value.__notes__[0]


def test_that_arguments_that_do_not_fit_are_refused_before_they_are_sent(client):
    with pytest.raises(TypeError):
        client.events()


def test_that_a_call_that_takes_too_long_says_so(client, monkeypatch):
    from studio.engine import client as module

    pid = client.health().pid
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setitem(module.DEADLINES, "health", 0.2)
    with pytest.raises(StudioError, match="did not answer 'health' within"):
        client.health()
    os.kill(pid, signal.SIGCONT)


def test_that_a_process_that_answers_nothing_is_ended_and_started_again(hosted_command, monkeypatch, until):
    from studio.engine import process

    monkeypatch.setattr(process, "ASKED_EVERY", 0.1)
    client = EngineClient.start(hosted_command)
    reasons, back = watched(client)
    pid = client.health().pid
    monkeypatch.setattr(process, "PATIENCE", 0.5)
    os.kill(pid, signal.SIGSTOP)
    until(lambda: back)
    monkeypatch.setattr(process, "PATIENCE", 20.0)
    assert "did not answer for" in reasons[0]
    assert client.health().pid != pid
    client.close()


def test_that_nonsense_on_the_pipe_ends_the_process_in_words(monkeypatch, until):
    code = "import os, sys; os.write(1, b'\\x00\\x00\\x00\\x05hello'); sys.stdin.read()"
    client = EngineClient.start((sys.executable, "-c", code))
    reasons, _ = watched(client)
    until(lambda: reasons)
    client.close()
    assert "sent nonsense" in reasons[0]


def test_that_an_engine_that_keeps_dying_is_started_more_and_more_slowly(until):
    client = EngineClient.start((sys.executable, "-c", "raise SystemExit(3)"))
    reasons, _ = watched(client)
    until(lambda: len(reasons) >= 4)
    time.sleep(0.5)
    assert len(reasons) < 6
    assert "with code 3" in reasons[0]
    with pytest.raises(StudioError, match="closed"):
        _ask_and_close(client)


def _ask_and_close(client):
    from threading import Timer

    Timer(0.2, client.close).start()
    client.health()


def test_that_the_engine_ends_when_its_window_is_killed(hosted_command, until):
    code = textwrap.dedent(f"""
        import time
        from studio.engine.client import EngineClient
        client = EngineClient.start({hosted_command!r})
        print(client.health().pid, flush=True)
        time.sleep(60)
    """)
    window = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert window.stdout
    pid = int(window.stdout.readline())
    window.kill()
    window.wait()
    window.stdout.close()
    until(lambda: not Path(f"/proc/{pid}/cmdline").exists() or not Path(f"/proc/{pid}/cmdline").read_bytes())


def test_that_no_call_may_be_made_from_a_listener(client, heard):
    raised = []

    def listener(event):
        try:
            client.health()
        except RuntimeError as error:
            raised.append(str(error))

    over = heard()
    client.execute(one("give"), [], lambda event: (listener(event), over(event)))
    over.all()
    assert "from another thread" in raised[0]


def test_that_a_listener_that_raises_does_not_silence_the_engine(client, heard, capfd):
    over = heard()
    client.execute(one("give"), [], lambda event: (over(event), 1 / 0))
    over.all()
    listener = heard()
    client.execute(one("give"), [], listener)
    listener.all()
    assert "ZeroDivisionError" in capfd.readouterr().err
