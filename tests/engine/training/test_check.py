from pathlib import Path

import pytest

from studio.api import StudioError
from studio.engine.plugins.discover import discover
from studio.engine.plugins.registry import Registry
from studio.engine.runs.request import Budget, TrainRequest
from studio.engine.training.check import check, provenance, title
from tests.faults.toys import request


@pytest.fixture
def registry(store: Path) -> Registry:
    return discover()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (request(method="tou"), "did you mean 'toy'"),
        (request(dataset="clouds"), "did you mean 'cloud'"),
        (request(dataset="words"), "Toy models points, not tokens"),
        (request(size=0), "'size' must be at least 1"),
        (request(colour=0), "no parameter 'colour'"),
        (request(budget=Budget(steps=None, seconds=None)), "The budget is empty"),
    ],
)
def test_that_a_wrong_request_is_refused_before_anything_starts(registry: Registry, wrong: TrainRequest, words: str):
    with pytest.raises(StudioError, match=words):
        check(wrong, registry)


def test_that_parameters_typed_as_text_become_numbers(registry: Registry):
    assert check(request(size="12"), registry).params == {"size": 12}


def test_that_a_path_holds_from_any_folder(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "cats").mkdir()
    monkeypatch.chdir(tmp_path)
    assert check(request(dataset="./cats@64"), registry).dataset == f"{tmp_path / 'cats'}@64"
    assert check(request(dataset="./cats"), registry).dataset == str(tmp_path / "cats")


def test_that_a_run_has_a_title_and_knows_whose_code_it_is(registry: Registry):
    assert title(request(), registry) == "Toy on Cloud"
    assert title(request(title="Mine"), registry) == "Mine"
    assert provenance(request(), registry) == ("toy", "1.0")
