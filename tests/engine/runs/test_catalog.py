import os
import sqlite3
import time
from pathlib import Path

import pytest

from studio.api import StudioError
from studio.api.events import Cancelled, Done, Event, Exported, Failed, Paused, Started, Step
from studio.engine.runs import catalog as module
from studio.engine.runs.catalog import Catalog
from studio.engine.runs.folder import RunFolder, create
from studio.engine.runs.journal import Journal
from studio.engine.runs.request import TrainRequest

STARTED = Started(total=10, device="cpu", parameters=42)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def catalog(store: Path) -> Catalog:
    return Catalog(store, store.parent / "index.sqlite")


def run(store: Path, *events: Event, waits: bool = False) -> RunFolder:
    folder = create(store, TrainRequest(method="toy", dataset="moons"), title="a run")
    if not waits:
        folder.leave_queue()
    log = Journal(folder.journal)
    for event in events:
        log.append(event)
    log.close()
    return folder


def step(k: int, **values: float) -> Step:
    return Step(stage="train", step=k, total=10, seconds=0.1, values=dict(values))


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (Done(step=3, seconds=1), "done"),
        (Failed(error="No."), "failed"),
        (Paused(step=3), "paused"),
        (Cancelled(step=3), "cancelled"),
    ],
)
def test_that_the_last_word_is_the_state(catalog: Catalog, store: Path, event: Event, state: str):
    folder = run(store, STARTED, step(3, loss=0.5), event)
    info = catalog.info(folder.id)
    assert (info.state, info.step, info.total, info.latest) == (state, 3, 10, {"loss": 0.5})
    assert info.reason == ("No." if state == "failed" else "")


def test_that_a_run_waits_then_runs_and_is_running_again_after_a_pause(catalog: Catalog, store: Path):
    folder = run(store, waits=True)
    assert catalog.info(folder.id).state == "queued"
    held = folder.take()
    assert held is not None
    folder.leave_queue()
    assert catalog.info(folder.id).state == "running"
    log = Journal(folder.journal)
    for event in (STARTED, step(1), Paused(step=1)):
        log.append(event)
    log.close()
    held.release()
    assert catalog.info(folder.id).state == "paused"
    folder.enqueue()
    assert catalog.info(folder.id).state == "queued"


@pytest.mark.parametrize(
    ("code", "words"),
    [(-9, "memory ran out"), (-11, "SIGSEGV"), (7, "code 7"), (None, "computer went off"), (74, "disk"), (-64, "signal")],
)
def test_that_a_lost_run_tells_how_its_trainer_ended(catalog: Catalog, store: Path, code: int | None, words: str):
    folder = run(store, STARTED, step(3))
    folder.checkpoints.save(2, b"")
    if code is not None:
        folder.exit_file.write_text(str(code))
    info = catalog.info(folder.id)
    assert info.state == "lost"
    assert words in info.reason
    assert "from step 2" in info.reason


def test_that_values_of_several_kinds_are_kept_side_by_side(catalog: Catalog, store: Path):
    folder = run(store, STARTED, step(1, loss=1.0), step(1, validation=2.0), step(2, loss=0.5))
    assert catalog.info(folder.id).latest == {"loss": 0.5, "validation": 2.0}


def test_that_an_exported_run_names_its_model(catalog: Catalog, store: Path):
    folder = run(store, STARTED, Exported(folder="model", parity={}, seconds=1), Done(step=1, seconds=1))
    assert catalog.info(folder.id).model == f"run:{folder.id}"


def test_that_only_what_is_new_is_read(catalog: Catalog, store: Path, monkeypatch: pytest.MonkeyPatch):
    folder = run(store, STARTED, *(step(k) for k in range(100)), Paused(step=99))
    catalog.list()
    offsets: list[int] = []
    real = module.journal.read
    monkeypatch.setattr(module.journal, "read", lambda path, offset: offsets.append(offset) or real(path, offset))
    catalog.list()
    assert offsets == []
    log = Journal(folder.journal)
    log.append(STARTED)
    assert catalog.info(folder.id).state == "lost"
    assert offsets[0] > 5000
    log.close()


def test_that_a_new_engine_reads_no_journal_of_an_ended_run(catalog: Catalog, store: Path, monkeypatch: pytest.MonkeyPatch):
    run(store, STARTED, *(step(k, loss=k) for k in range(50)), Done(step=50, seconds=1))
    first = catalog.list()
    sizes: list[int] = []
    real = module.journal.read
    monkeypatch.setattr(module.journal, "read", lambda *given: (found := real(*given), sizes.append(len(found.entries)))[0])
    assert Catalog(store, store.parent / "index.sqlite").list() == first
    assert sizes == [0]


@pytest.mark.parametrize("harm", ["garbage", "flipped", "truncated", "folder", "other table"])
def test_that_a_broken_index_costs_nothing_but_time(catalog: Catalog, store: Path, harm: str):
    run(store, STARTED, step(7, loss=0.25), Done(step=7, seconds=1))
    expected = catalog.list()
    index = store.parent / "index.sqlite"
    with sqlite3.connect(index) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    data = bytearray(index.read_bytes())
    if harm == "garbage":
        index.write_bytes(os.urandom(5000))
    elif harm == "flipped":
        at = data.index(b'"step":7') + 7
        data[at] = ord("8")
        index.write_bytes(data)
    elif harm == "truncated":
        index.write_bytes(data[:1000])
    elif harm == "folder":
        index.unlink()
        index.mkdir()
    else:
        index.unlink()
        with sqlite3.connect(index) as database:
            database.execute("CREATE TABLE summaries_1 (x)")
        database.close()
    assert Catalog(store, index).list() == expected


def test_that_a_journal_that_was_replaced_is_read_anew(catalog: Catalog, store: Path):
    folder = run(store, STARTED, *(step(k) for k in range(20)), Done(step=19, seconds=1))
    catalog.list()
    other = run(store, STARTED, step(1), Done(step=1, seconds=1))
    folder.journal.write_bytes(other.journal.read_bytes())
    assert catalog.info(folder.id).step == 1


def test_that_folders_that_are_no_runs_are_passed_over(catalog: Catalog, store: Path):
    kept = run(store, waits=True)
    (store / "stray").mkdir()
    (store / "broken").mkdir()
    (store / "broken" / "request.json").write_text("{")
    (store / "file").write_text("")
    assert [info.id for info in catalog.list()] == [kept.id]
    with pytest.raises(StudioError, match="request.json is missing or broken"):
        catalog.info("broken")


def test_that_the_newest_run_comes_first(catalog: Catalog, store: Path):
    ids = []
    for _ in range(3):
        ids.append(run(store).id)
        time.sleep(0.002)
    assert [info.id for info in catalog.list()] == ids[::-1]
