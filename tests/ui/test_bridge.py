"""The engine is asked off the window's thread; answers and troubles come back in it."""

import threading
from collections.abc import Callable

from pytestqt.qtbot import QtBot

from studio.api.errors import StudioError
from studio.engine.engine import ExecutionDone, GraphEvent
from studio.ui.arena import recipe
from studio.ui.bridge import Bridge, Latest
from tests.ui.fake_engine import MODELS, FakeEngine


def connected(qtbot: QtBot, engine: FakeEngine) -> Bridge:
    bridge = Bridge(lambda: engine)
    with qtbot.waitSignal(bridge.ready):
        bridge.connect_engine()
    return bridge


def test_that_a_question_asked_before_the_engine_is_there_is_answered_in_the_windows_thread(
    qtbot: QtBot, engine: FakeEngine
) -> None:
    bridge = Bridge(lambda: engine)
    threads: list[threading.Thread] = []
    bridge.ask("models", lambda _: threads.append(threading.current_thread()))
    assert engine.asked == []
    bridge.connect_engine()
    qtbot.waitUntil(lambda: len(threads) == 1)
    assert threads == [threading.main_thread()]


def test_that_an_engine_error_keeps_its_words_and_a_bug_shows_its_traceback(qtbot: QtBot, engine: FakeEngine) -> None:
    bridge = connected(qtbot, engine)
    engine.trouble = {"models": StudioError("The disk is full. Make room."), "methods": KeyError("ghost")}
    with qtbot.waitSignal(bridge.trouble) as told:
        bridge.ask("models")
    assert told.args[0] == "The disk is full. Make room."
    with qtbot.waitSignal(bridge.trouble) as told:
        bridge.ask("methods")
    assert "unexpected" in told.args[0]
    assert "KeyError: 'ghost'" in told.args[1]


def test_that_a_stopped_execution_delivers_nothing_more_than_its_end(qtbot: QtBot) -> None:
    engine = FakeEngine(pace=30)
    bridge = connected(qtbot, engine)
    heard: list[GraphEvent] = []
    execution = bridge.execute(recipe.generate(MODELS[0], recipe.Wish(0)), ["sample"], heard.append)
    execution.stop()
    qtbot.waitUntil(lambda: any(isinstance(event, ExecutionDone) for event in heard))
    assert [event.kind for event in heard if event.kind != "node_started"] == ["execution_done"]
    assert engine.stopped == ["execution1"]


def test_that_losing_the_engine_ends_what_ran_in_it(qtbot: QtBot) -> None:
    engine = FakeEngine(pace=30)
    bridge = connected(qtbot, engine)
    heard: list[GraphEvent] = []
    bridge.execute(recipe.generate(MODELS[0], recipe.Wish(0)), ["sample"], heard.append)
    qtbot.waitUntil(lambda: bool(engine.executed))
    with qtbot.waitSignal(bridge.engine_lost) as lost:
        threading.Thread(target=engine.on_lost, args=("The engine crashed.",)).start()
    assert lost.args == ["The engine crashed."]
    assert isinstance(heard[-1], ExecutionDone)
    assert heard[-1].stopped


def test_that_of_many_wishes_only_the_newest_follows_the_running_one() -> None:
    begun: list[int] = []
    ends: list[Callable[[], None]] = []

    def start(wish: int, done: Callable[[], None]) -> None:
        begun.append(wish)
        ends.append(done)

    latest = Latest(start)
    for wish in range(5):
        latest.want(wish)
    assert begun == [0]
    ends.pop()()
    assert begun == [0, 4]
    ends.pop()()
    assert begun == [0, 4]
