"""The window or the engine is killed: trainings go on, and whoever comes next finds them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from studio.engine.plugins.discover import discover
from studio.engine.runs.folder import RunFolder, names
from studio.engine.training.runs import Runs
from tests.faults.toys import last_step, make, wait_until

WINDOW = """
import sys, time
from studio.engine.plugins.discover import discover
from studio.engine.training.runs import Runs
from studio.home import home
from tests.faults.toys import request
runs = Runs(home(), discover)
runs.start()
print(runs.train(request(100_000, delay=0.02, checkpoint_every=0.5)).id, flush=True)
print(runs.train(request(100_000, delay=0.02)).id, flush=True)
time.sleep(600)
"""


def window() -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", WINDOW], stdout=subprocess.PIPE, text=True)


def test_that_training_goes_on_when_the_window_is_killed_and_the_next_one_finds_it(store: Path):
    with window() as first:
        assert first.stdout
        running, waiting = (RunFolder(store / first.stdout.readline().strip()) for _ in range(2))
        wait_until(lambda: last_step(running) > 3, what="the first steps")
        first.send_signal(signal.SIGKILL)
    seen = last_step(running)
    wait_until(lambda: last_step(running) > seen + 10, what="steps after the window's death")
    runs = Runs(store.parent, discover)
    states = {info.id: info.state for info in runs.list()}
    assert states == {running.id: "running", waiting.id: "queued"}
    tail = runs.events(running.id)[-1].seq
    assert wait_until(lambda: runs.events(running.id, tail))[0].seq == tail + 1
    runs._queue.fill()
    assert runs.info(waiting.id).state == "queued", "the training that was found takes up the slot"
    runs.cancel(running.id)
    runs._queue.fill()
    assert {info.id: info.state for info in runs.list()} == {running.id: "cancelled", waiting.id: "running"}


KEEPER = """
from studio.engine.training.spare import Spare
spare = Spare()
spare.prepare()
print(spare._process.pid, flush=True)
input()
"""


def test_that_a_spare_trainer_ends_with_the_one_who_keeps_it(store: Path):
    with subprocess.Popen([sys.executable, "-c", KEEPER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as keeper:
        assert keeper.stdout
        pid = int(keeper.stdout.readline())
        wait_until(lambda: is_worker(pid), what="the spare's start")
        keeper.kill()
    wait_until(lambda: not is_worker(pid), what="the spare's end")


def is_worker(pid: int) -> bool:
    try:
        return b"--wait" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


RUNNER = """
import os, sys, subprocess, time
from pathlib import Path
from studio.engine.training import launch
from studio.engine.training.executors.local import LocalExecutor
from studio.engine.training.queue import QueueRunner, waiting
def start(arguments, output, keep):
    return subprocess.Popen(["sh", "-c", "echo started >> '%s/starts'; sleep 0.3" % arguments[-1]], pass_fds=keep)
launch.start = start
store = Path(sys.argv[1])
print("ready", flush=True)
input()
runner = QueueRunner(store, LocalExecutor(), slots=4)
while waiting(store):
    runner.fill()
"""


def test_that_two_engines_on_one_store_start_every_run_once(store: Path):
    folders = [make(store) for _ in range(24)]
    command = [sys.executable, "-c", RUNNER, str(store)]
    engines = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    for engine in engines:
        assert engine.stdout
        engine.stdout.readline()
    for engine in engines:
        engine.communicate("go\n", timeout=60)
        assert engine.returncode == 0
    assert [(folder.path / "starts").read_text().count("started") for folder in folders] == [1] * 24
    wait_until(lambda: not any(RunFolder(store / name).alive() for name in names(store)))


def test_that_a_second_trainer_of_one_run_gives_up(store: Path):
    folder = make(store)
    held = folder.take()
    assert held is not None
    with held:
        code = "from studio.engine.training import worker\nworker.PATIENCE = 0.1\nimport sys\nsys.exit(worker.main(sys.argv[1:]))"
        done = subprocess.run([sys.executable, "-c", code, str(folder.path)], check=False)
    assert done.returncode == 75
    assert not os.path.lexists(folder.journal)
