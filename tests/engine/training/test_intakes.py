"""Models from elsewhere on their way in: looked at and taken in by processes that can be ended at any time."""

import os
import shutil
import time
from pathlib import Path

import psutil
import pytest

from studio.api import StudioError
from studio.api.importer import ImporterCard
from studio.engine.client import EngineClient
from studio.engine.intake import Reference
from studio.engine.local import LocalEngine
from studio.engine.models.catalog import models, resolve
from studio.engine.models.model import Model
from studio.engine.plugins.importers import importers
from studio.engine.training import fetching, taking_in
from studio.engine.training.errand import Arrived, Errand
from studio.engine.training.intakes import Intakes
from studio.engine.training.taking import Taking
from studio.engine.training.taking_in import Order
from studio.engine.training.workroom import Workroom, sweep
from studio.home import home, resources
from tests.plugins.pretrained import tiny_language_model


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "tiny-gpt2"
    tiny_language_model("gpt2", folder)
    return folder


@pytest.fixture
def intakes(studio_home):
    made = Intakes(home(), tuple)
    yield made
    made.close()


@pytest.fixture
def see(intakes, until):
    """Looks at a model until that is over; what became of it."""

    def act(name, **options):
        id = intakes.look_at(Reference(name=str(name), **options)).id
        until(lambda: not of(intakes, id).going)
        return of(intakes, id)

    return act


def of(intakes, id):
    return next(intake for intake in intakes.list() if intake.id == id)


def left(store):
    return sorted(path.name for path in store.iterdir()) if store.exists() else []


def descendants(pid):
    return psutil.Process(pid).children(recursive=True)


def adopters():
    return [process for process in descendants(os.getpid()) if "studio.engine.training.adopter" in arguments_of(process)]


def arguments_of(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_that_a_look_tells_what_it_is_and_loads_and_leaves_nothing(see, gpt2, studio_home):
    seen = see(gpt2)
    assert (seen.state, seen.title) == ("seen", "tiny-gpt2")
    assert (seen.sight.architecture, seen.sight.context, seen.sight.obstacles) == ("GPT2LMHeadModel", 64, ())
    assert seen.sight.memory_to_import > seen.sight.memory_to_run > seen.sight.size > 0
    assert left(studio_home / "models") == []


def test_that_a_context_changes_the_needs_and_is_refused_where_it_cannot_be(see, intakes, gpt2):
    seen = see(gpt2)
    assert intakes.reconsider(seen.id, 32).memory_to_run < seen.sight.memory_to_run
    assert of(intakes, seen.id).sight.context == 32
    with pytest.raises(StudioError, match="between 8 and 64 tokens, not 65"):
        intakes.reconsider(seen.id, 65)
    assert of(intakes, seen.id).sight.context == 32


def test_that_what_cannot_be_opened_is_one_sentence_with_details(see, tmp_path, studio_home):
    failed = see(tmp_path)
    assert failed.state == "failed"
    assert "holds no model that can be opened" in failed.error
    assert failed.details.startswith("Traceback")
    assert left(studio_home / "models") == []


def test_that_a_process_that_dies_in_silence_is_a_failure_in_words(intakes, until, monkeypatch, tmp_path):
    monkeypatch.setattr("studio.engine.training.taking.PROCESS", "os.path")
    id = intakes.look_at(Reference(name=str(tmp_path))).id
    until(lambda: not of(intakes, id).going)
    assert of(intakes, id).error == "The import ended with code 0 and without a word; its output may tell why."


def test_that_a_cancelled_import_is_gone_within_three_seconds_with_all_it_made(see, intakes, gpt2, until, studio_home):
    seen = see(gpt2)
    intakes.take_in(seen.id, "Tiny")
    until(adopters)
    processes = descendants(os.getpid())
    assert len(left(studio_home / "models")) == 1
    began = time.monotonic()
    intakes.drop(seen.id)
    assert time.monotonic() - began < 3.0
    psutil.wait_procs(processes, timeout=3)
    assert not [process for process in processes if process.is_running()]
    assert left(studio_home / "models") == []
    assert intakes.list() == []


def test_that_one_model_is_taken_in_at_a_time(see, intakes, gpt2):
    first, second = see(gpt2), see(gpt2)
    intakes.take_in(first.id, "First")
    with pytest.raises(StudioError, match="Wait until it is there, or cancel it"):
        intakes.take_in(second.id, "Second")


def test_that_what_was_dropped_cannot_be_taken_in(see, intakes, gpt2):
    seen = see(gpt2)
    intakes.drop(seen.id)
    with pytest.raises(StudioError, match="Open it again"):
        intakes.take_in(seen.id, "Tiny")


def test_that_a_model_dropped_while_its_import_begins_is_not_taken_in(see, intakes, gpt2, monkeypatch, studio_home):
    seen = see(gpt2)

    def late(*arguments):
        begun = Taking(*arguments)
        intakes.drop(seen.id)
        return begun

    monkeypatch.setattr("studio.engine.training.intakes.Taking", late)
    intakes.take_in(seen.id, "Tiny")
    assert intakes.list() == []
    assert left(studio_home / "models") == []


def test_that_a_closed_engine_leaves_nothing_half_made(gpt2, until, studio_home):
    engine = LocalEngine()
    id = engine.look_at(Reference(name=str(gpt2))).id
    until(lambda: engine.intakes()[0].state == "seen")
    engine.take_in(id, "Tiny")
    until(adopters)
    engine.close()
    assert left(studio_home / "models") == []
    until(lambda: not adopters(), within=3)


def test_that_what_a_killed_engine_had_begun_ends_and_clears_up_by_itself(see, gpt2, until, studio_home):
    order = Order(sight=see(gpt2).sight, title="Tiny", place=studio_home)
    begun = Taking(studio_home / "models", lambda place: Errand(place=place, order=order.model_copy(update={"place": place})))
    until(adopters)
    at_work = descendants(os.getpid())
    begun._process.stdin.close()
    until(lambda: left(studio_home / "models") == [], within=5)
    assert not any(isinstance(news, Arrived) for news in begun.news())
    psutil.wait_procs(at_work, timeout=3)
    assert not [process for process in at_work if process.is_running()]


def test_that_rooms_of_killed_engines_are_removed_when_the_next_one_starts(studio_home, until):
    (studio_home / "models" / ".taking-dead").mkdir(parents=True)
    client = EngineClient.start()
    until(lambda: left(studio_home / "models") == [], within=20)
    client.close()


def test_that_an_exported_model_is_copied_under_another_title(see, intakes, until, studio_home):
    seen = see(resources() / "models" / "r3gan-moons" / "sample.onnx")
    assert (seen.sight.exported, seen.sight.title) == (True, "R3GAN on moons")
    intakes.take_in(seen.id, "Mine")
    until(lambda: of(intakes, seen.id).state != "taking")
    taken = of(intakes, seen.id)
    assert (taken.state, taken.model, taken.error) == ("done", "model:Mine", "")
    assert Model.open(resolve(taken.model), "cpu").card.title == "Mine"
    assert left(studio_home / "models") == ["Mine"]


def test_that_a_graph_alone_is_refused_with_what_would_do(see, tmp_path):
    file = shutil.copy(resources() / "models" / "r3gan-moons" / "sample.onnx", tmp_path)
    failed = see(file)
    assert failed.error.startswith("sample.onnx alone cannot be opened")
    assert "Open the folder of a whole model" in failed.error


def test_that_a_file_of_a_part_leads_to_the_model_around_it(gpt2, tmp_path):
    folder = Path(shutil.copytree(gpt2, tmp_path / "with parts"))
    (folder / "part").mkdir()
    (folder / "part" / "weights.onnx").touch()
    sight = taking_in.see(Reference(name=str(folder / "part" / "weights.onnx")), lambda stage: None)
    assert (sight.folder, sight.title) == (str(folder), "with parts")


def test_that_a_name_on_the_hub_is_fetched_and_becomes_the_source(gpt2, monkeypatch, tmp_path):
    calls, told = [], []

    def fetch(name, revision, *, offline, told):
        calls.append((name, revision, offline))
        told("owner/model: 0.02 GB to fetch")
        blobs = tmp_path / "models--owner--model" / "blobs"
        blobs.mkdir(parents=True)
        (blobs / "a.incomplete").write_bytes(bytes(10**7))
        time.sleep(3 * fetching.PERIOD)
        return gpt2, "607a30d"

    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(fetching, "PERIOD", 0.05)
    monkeypatch.setattr(fetching.hub, "fetch", fetch)
    reference = Reference(name="owner/model", hub=True, revision="v1", offline=True)
    sight = taking_in.see(reference, lambda stage: told.append(stage.what))
    assert calls == [("owner/model", "v1", True)]
    assert (sight.title, sight.source, sight.folder) == ("owner/model", "owner/model@607a30d", str(gpt2))
    first = ["asking the hub", "owner/model: 0.02 GB to fetch", "owner/model: 0.02 GB to fetch; 0.01 GB so far"]
    assert list(dict.fromkeys(told)) == [*first, "reading what it is"]


def test_that_rooms_of_the_dead_are_swept_and_those_of_the_living_stay(tmp_path):
    dead = tmp_path / ".taking-dead"
    dead.mkdir()
    (dead / "lock").touch()
    (tmp_path / "a-model").mkdir()
    with Workroom(tmp_path) as living:
        sweep(tmp_path)
        assert left(tmp_path) == sorted([living.path.name, "a-model"])
    assert left(tmp_path) == ["a-model"]


def test_that_packages_that_are_not_installed_are_named():
    card = ImporterCard(
        id="toy", family="gan", title="Toys", papers=(), mark="toy.json", outline="a:b", implementation="a:c",
        packages=("json", "no_such_package"),
    )  # fmt: skip
    (info,) = importers([card])
    assert (info.packages, info.absent) == (("json", "no_such_package"), ("no_such_package",))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_that_a_language_model_is_taken_in_by_an_engine_with_its_context_and_difference(gpt2, until, studio_home):
    client = EngineClient.start()
    id = client.look_at(Reference(name=str(gpt2))).id
    until(lambda: client.intakes()[0].state == "seen")
    client.reconsider(id, 32)
    client.take_in(id, "Tiny GPT-2")
    told = set()
    until(lambda: told.add(client.intakes()[0].what) or not client.intakes()[0].going, within=200)
    (taken,) = client.intakes()
    assert (taken.state, taken.model, taken.title, taken.error) == ("done", "model:Tiny-GPT-2", "Tiny GPT-2", "")
    assert {"loading the weights", "tracing"} <= told
    assert 0 < taken.difference < 1e-4
    (info,) = [info for info in models(home(), resources()) if not info.starter]
    assert (info.reference, info.card.signature.space.length) == (taken.model, 32)
    assert left(studio_home / "models") == [Path(taken.model).name.removeprefix("model:")]
    client.close()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_that_an_import_cancelled_while_it_is_traced_leaves_nothing(see, intakes, gpt2, until, studio_home):
    seen = see(gpt2)
    intakes.take_in(seen.id, "Tiny")
    until(lambda: of(intakes, seen.id).what == "tracing", within=120)
    (room,) = (studio_home / "models").iterdir()
    assert list(room.glob(".Tiny-*/weights.bin"))
    began = time.monotonic()
    intakes.drop(seen.id)
    assert time.monotonic() - began < 3.0
    assert left(studio_home / "models") == []
    assert not adopters()
