"""The pipe between window and engine: every call crosses it unchanged, and nonsense ends it."""

import io
import os
import struct
import subprocess
from threading import Thread

import pytest

from studio.api import (
    DatasetCard,
    Image,
    Method,
    ModelCard,
    NodeType,
    Paper,
    Plan,
    Port,
    SamplerCard,
    Signature,
    StudioError,
)
from studio.api.events import Entry, Step
from studio.engine import frames
from studio.engine.calls import NAMES, call
from studio.engine.engine import (
    DatasetInfo,
    Estimate,
    ExecutionDone,
    Health,
    ImporterInfo,
    ModelInfo,
    NodeProgress,
    PictureInfo,
    PluginInfo,
    RunInfo,
    Why,
)
from studio.engine.frames import Ping, Pong, Refusal, Reply, Request, Told, encode, read_frame
from studio.engine.graph.document import Graph, GraphNode
from studio.engine.host import Host
from studio.engine.intake import Intake, Reference, Sight
from studio.engine.plane import Layer, Plane
from studio.engine.rendering import Rendering
from studio.engine.runs.request import Budget, TrainRequest

GRAPH = Graph(nodes=(GraphNode(id="ä", type="sample", values={"controls": {"steps": 5}}, position=(0.1, -2.0)),))
PICTURE = Rendering(kind="pictures", count=1, height=1, width=2, pixels=bytes(range(248, 256)), points=((0.5, -0.5),))
REQUEST = TrainRequest(method="ddpm", dataset="moons", params={"width": 64}, budget=Budget(seconds=2.5), title="naïve")
RUN = RunInfo(id="r1", title="t", request=REQUEST, state="running", created=1.5, latest={"loss": None, "x": 0.25})
METHOD = Method(id="ddpm", family="diffusion", title="t", summary="s", papers=(Paper(title="p", url="u"),), accepts=("image",))
NODE = NodeType(id="n", title="N", summary="", category="c", inputs=(), outputs=(Port(name="o", kind="image"),), parameters=())
SIGNATURE = Signature(space=Image(height=8, width=8), classes=("a", "b"))
CARD = ModelCard(
    id="m", title="M", method="ddpm", family="diffusion", plugin="p", signature=SIGNATURE, params={}, dataset="d", run="r",
    step=1, parameters=2, created="now", studio="0",
    samplers=(SamplerCard(name="sample", plan=Plan(), output=Port(name="o", kind="image")),),
)  # fmt: skip
DATASET = DatasetCard(id="d", title="D", summary="", kind="image", licence="CC0", loader="a:b")
REFERENCE = Reference(name="owner/model", hub=True, revision="v1", offline=True, context=64)
SIGHT = Sight(
    folder="/f", source="owner/model@1", title="t", family="transformer", opened_by="o", architecture="a", weights={"F16": 2**40},
    size=2**42, memory_to_import=2**44, obstacles=("too large",), context=64,
)  # fmt: skip

CALLS = {
    "health": ({}, Health(pid=1, provider="cpu", providers=("cpu",), device="cpu", memory=2**40, home="/h")),
    "plugins": ({}, [PluginInfo(name="p", version="1", module="m", healthy=False, error="e", nodes=("n",))]),
    "methods": ({}, [METHOD]),
    "nodes": ({}, [NODE]),
    "importers": (
        {},
        [ImporterInfo(id="i", family="gan", title="t", plugin="p", mark="m.json", packages=("a", "b"), absent=("b",))],
    ),
    "look_at": ({"reference": REFERENCE}, Intake(id="i1", reference=REFERENCE)),
    "intakes": ({}, [Intake(id="i1", reference=REFERENCE, state="done", sight=SIGHT, model="model:m", difference=1e-6)]),
    "reconsider": ({"intake": "i1", "context": 32}, SIGHT),
    "take_in": ({"intake": "i1", "title": "ä"}, None),
    "drop": ({"intake": "i1"}, None),
    "datasets": ({}, [DATASET]),
    "inspect_dataset": (
        {"dataset": "d"},
        DatasetInfo(card=DATASET, signature=SIGNATURE, count=3, validation=1, thumbnails=PICTURE),
    ),
    "models": ({}, [ModelInfo(reference="starter:m", card=CARD, starter=True, size=5)]),
    "pictures": ({}, [PictureInfo(path="/p", created=1.0, graph=GRAPH, models=("m",), seed=2**53)]),
    "runs": ({}, [RUN]),
    "events": (
        {"run": "r1", "after": 3},
        [Entry(seq=4, time=1.0, event=Step(stage="s", step=1, total=None, seconds=0.1, values={"loss": None}))],
    ),
    "preview": ({"run": "r1", "file": "f.npz"}, PICTURE),
    "plane": (
        {"run": "r1", "file": "f.npz"},
        Plane(samples=PICTURE, layers=(Layer(kind="surface", name="energy", shape=(1, 2), values=bytes(range(248, 256))),)),
    ),
    "estimate": ({"request": REQUEST}, Estimate(parameters=1, memory=2, seconds=None, basis="measured")),
    "train": ({"request": REQUEST}, RUN),
    "pause": ({"run": "r1"}, None),
    "resume": ({"run": "r1"}, None),
    "cancel": ({"run": "r1"}, None),
    "delete": ({"run": "r1"}, None),
    "restore": ({"run": "r1"}, None),
    "execute": ({"graph": GRAPH, "targets": ["ä"]}, "7"),
    "stop": ({"execution": "7"}, None),
    "why": ({"graph": GRAPH, "node": "ä"}, Why(node="ä", cached=False, changed=("seed",))),
    "settings": ({}, {"theme": "dark", "list": [1, 2.5, None, True]}),
    "configure": ({"settings": {"theme": "dark"}}, None),
    "close": ({}, None),
}


class Recording:
    """An engine that remembers what it was asked and answers from `CALLS`."""

    def __init__(self):
        self.asked = []

    def __getattr__(self, name):
        def answer(**arguments):
            self.asked.append((name, arguments))
            if name == "execute":
                arguments["listener"](NodeProgress(node="ä", step=1, total=2, rendering=PICTURE))
                arguments["listener"](ExecutionDone(seconds=1.0))
            if name == "pause" and arguments["run"] == "gone":
                raise StudioError("There is no run 'gone'.")
            return CALLS[name][1]

        return answer


@pytest.fixture
def pipes():
    engine = Recording()
    (host_in, our_out), (our_in, host_out) = os.pipe(), os.pipe()
    with os.fdopen(host_in, "rb") as requests, os.fdopen(host_out, "wb") as replies, os.fdopen(our_in, "rb") as answers:
        questions = os.fdopen(our_out, "wb")
        thread = Thread(target=Host(engine, requests, replies).serve)
        thread.start()
        yield engine, questions, answers
        questions.close()
        thread.join(10)


def ask(questions, frame):
    questions.write(encode(frame))
    questions.flush()


def test_that_the_examples_here_cover_the_protocol():
    assert set(CALLS) == set(NAMES)


@pytest.mark.parametrize("name", sorted(set(CALLS) - {"execute"}))
def test_that_a_call_crosses_the_pipe_unchanged(pipes, name):
    engine, questions, answers = pipes
    arguments, result = CALLS[name]
    assert isinstance(read_frame(answers), Pong)
    ask(questions, Request(id=7, call=name, arguments=call(name).pack(arguments)))
    reply = read_frame(answers)
    assert isinstance(reply, Reply)
    assert reply.id == 7
    assert call(name).result.validate_json(reply.result) == result
    assert engine.asked == [(name, arguments)]


def test_that_events_of_an_execution_cross_the_pipe_under_its_id(pipes):
    engine, questions, answers = pipes
    read_frame(answers)
    ask(questions, Request(id=7, call="execute", arguments=call("execute").pack(CALLS["execute"][0])))
    told = [read_frame(answers), read_frame(answers)]
    assert told == [
        Told(execution="7", event=NodeProgress(node="ä", step=1, total=2, rendering=PICTURE)),
        Told(execution="7", event=ExecutionDone(seconds=1.0)),
    ]
    assert isinstance(read_frame(answers), Reply)
    assert engine.asked[0][1]["execution"] == "7"


def test_that_a_refusal_carries_words_and_traceback(pipes):
    _, questions, answers = pipes
    read_frame(answers)
    ask(questions, Request(id=1, call="pause", arguments={"run": '"gone"'}))
    refusal = read_frame(answers)
    assert isinstance(refusal, Refusal)
    assert refusal.error == "There is no run 'gone'."
    assert "Traceback" in refusal.traceback


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("registry", {}, "no call 'registry'"),
        ("__init__", {}, "no call '__init__'"),
        ("pause", {}, "takes run, not nothing"),
        ("pause", {"run": "7"}, "something else than it takes"),
        ("pause", {"run": "{"}, "something else than it takes"),
        ("execute", {"graph": "{}", "targets": "[]", "listener": "1"}, "takes graph, targets"),
    ],
)
def test_that_a_call_that_is_none_is_refused_and_the_host_lives_on(pipes, name, arguments, words):
    engine, questions, answers = pipes
    read_frame(answers)
    ask(questions, Request(id=1, call=name, arguments=arguments))
    refusal = read_frame(answers)
    assert isinstance(refusal, Refusal)
    assert words in refusal.error
    assert not engine.asked
    ask(questions, Ping())
    assert isinstance(read_frame(answers), Pong)


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\5hello",
        b"\0\0\0\2{}",
        b'\0\0\0\x10{"kind": "pong"',
        b"\0\0\0\2\xff\xfe",
        struct.pack(">I", 2**32 - 1),
        struct.pack(">I", 20) + b'{"kind":"ping","x":1',
    ],
)
def test_that_nonsense_is_no_frame(data):
    pipe = io.BytesIO(data + b"\0" * 64)
    with pytest.raises(StudioError):
        read_frame(pipe)


@pytest.mark.parametrize("data", [b"", b"\0\0", encode(Pong())[:-1]])
def test_that_a_pipe_that_ends_ends_the_frames(data):
    assert read_frame(io.BytesIO(data)) is None


def test_that_a_frame_that_is_too_large_is_not_sent(monkeypatch):
    monkeypatch.setattr(frames, "LARGEST", 100)
    with pytest.raises(StudioError, match="are allowed"):
        encode(Reply(id=1, result="x" * 200))


def test_that_the_host_ends_in_words_on_nonsense(hosted_command):
    ended = subprocess.run(
        hosted_command, input=b"GET / HTTP/1.1\r\n\r\n" + b"\0" * 64, capture_output=True, timeout=60, check=False
    )
    assert ended.returncode == 0
    assert b"more than the" in ended.stderr
