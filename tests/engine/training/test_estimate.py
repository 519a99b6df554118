from pathlib import Path

import pytest

from studio.api import StudioError
from studio.engine.engine import RunInfo
from studio.engine.runs.request import Budget
from studio.engine.training.estimate import Estimator, kind
from tests.faults.toys import request


@pytest.fixture
def estimator(store: Path) -> Estimator:
    return Estimator(store)


def test_that_an_estimate_is_measured_once_and_scaled_by_the_budget(estimator: Estimator, monkeypatch: pytest.MonkeyPatch):
    first = estimator.estimate(request(100, delay=0.1), [])
    assert first.parameters == 4
    assert first.memory > 50e6
    assert first.seconds is not None
    assert 10.0 <= first.seconds < 30.0
    monkeypatch.setattr("studio.engine.training.estimate._ask", lambda question: pytest.fail("measured again"))
    doubled = estimator.estimate(request(200, delay=0.1, seed=5), [])
    assert doubled.seconds == pytest.approx(2 * first.seconds)
    limited = estimator.estimate(request(budget=Budget(steps=10_000, seconds=30), delay=0.1), [])
    assert limited.seconds == 30


def test_that_an_earlier_run_knows_better(estimator: Estimator, monkeypatch: pytest.MonkeyPatch):
    asked = request(1000)
    from studio.engine.training.question import Measured

    monkeypatch.setattr(
        "studio.engine.training.estimate._ask", lambda question: Measured(parameters=4, memory=1, seconds_per_step=9.0)
    )
    past = RunInfo(id="a", title="", request=request(100, seed=3), state="done", created=0, step=100, seconds=50.0)
    other = past.model_copy(update={"request": request(100, batch_size=1), "seconds": 1.0})
    stopped = past.model_copy(update={"state": "failed", "seconds": 1.0})
    found = estimator.estimate(asked, [other, past, stopped])
    assert found.seconds == pytest.approx(500)
    assert "earlier run" in found.basis


def test_that_a_request_that_fails_at_once_says_why(estimator: Estimator):
    with pytest.raises(StudioError, match="RuntimeError: the toy is broken"):
        estimator.estimate(request(fault="raise", at=0), [])
    with pytest.raises(StudioError, match="Did you mean cloud"):
        estimator.estimate(request(dataset="clouds"), [])


def test_that_only_what_costs_time_makes_a_request_different():
    assert kind(request(5, seed=1, title="a")) == kind(request(9, seed=2, title="b"))
    assert kind(request(batch_size=8)) != kind(request(batch_size=16))
