"""Consistency distillation's own mathematics, with a teacher whose paths are known."""

from typing import Any

import pytest
import torch
from studio_consistency.cards.consistency_distillation import ConsistencyDistillationParams
from studio_consistency.consistency_distillation import ConsistencyDistillation, Distillation, guided
from studio_consistency.descent import rate
from studio_consistency.levels import karras
from studio_consistency.walk import walk

from studio.api import Dataset, StudioError
from studio.kit.sampler import sample
from studio.kit.source import Source
from studio.kit.training import Fit, Settings
from tests.benchmarks.zoo.trained import Quiet
from tests.plugins.teachers import POINTS, SPREAD, GaussianTeacher, along


def student(**params) -> ConsistencyDistillation:
    torch.manual_seed(0)
    return ConsistencyDistillation(POINTS, ConsistencyDistillationParams(**params), {"teacher": GaussianTeacher()})


def test_that_second_order_steps_follow_the_path_and_eulers_less_well():
    torch.manual_seed(2)
    levels = [sigma.expand(64) for sigma in karras(18, 20.0)]
    start = 20 * torch.randn(64, 2)
    exact = along(start, levels[0], levels[-1])
    errors = {}
    for solver in ("heun", "dpmpp_2m", "euler"):
        ends = walk(solver, GaussianTeacher().denoise, start, levels)
        assert len(ends) == 18
        errors[solver] = float((ends[-1] - exact).norm() / exact.norm())
    assert errors["heun"] < 0.05
    assert errors["dpmpp_2m"] < 0.05
    assert errors["euler"] > 3 * max(errors["heun"], errors["dpmpp_2m"])


@pytest.mark.parametrize(("reach", "begins"), [(1, {0, 1, 2, 3}), (3, {0, 1}), (4, {0}), (99, {0})])
def test_that_paths_are_as_long_as_asked_and_begin_where_they_fit(reach: int, begins: set[int]):
    stage = Distillation(student(levels=5, reach=reach, width=8))
    levels = torch.stack(stage.levels(400, torch.device("cpu")))
    places = (levels[..., None] - karras(5, 20.0)).abs().argmin(-1)
    assert set(places[0].tolist()) == begins
    assert (places.diff(dim=0) == 1).all()
    assert len(places) == min(reach, 4) + 1


def test_that_the_points_of_a_path_lie_on_the_teachers():
    torch.manual_seed(3)
    stage = Distillation(student(levels=40, reach=39, solver="dpmpp_2m", width=8))
    levels = stage.levels(16, torch.device("cpu"))
    points = stage.path(SPREAD * torch.randn(16, 2), levels, None)
    for point, sigma in zip(points, levels, strict=True):
        torch.testing.assert_close(point, along(points[0], levels[0], sigma), rtol=0.05, atol=0.01)


@pytest.mark.parametrize("walked", [{"reach": 1, "solver": "heun"}, {"reach": 17, "solver": "dpmpp_2m"}])
def test_that_a_student_makes_in_one_step_what_the_teacher_needs_a_path_for(walked: dict[str, Any]):
    torch.manual_seed(1)
    data = SPREAD * torch.randn(2000, 2).numpy()
    model = student(width=32, learning_rate=4e-3, imitation=0.0, ema=0.98, **walked)
    settings = Settings(steps=800, batch_size=64, preview_every=1e9, checkpoint_every=1e9, previews=2)
    Fit(model, Source(Dataset(POINTS, data, data), 64, 0, settings.device), settings, Quiet()).run()
    for steps in (1, 2):
        made = sample(model.eval().samplers()["sample"], 2000, 5, controls={"steps": steps})
        assert float(made.std()) == pytest.approx(SPREAD, rel=0.15)
    noise = 20 * torch.randn(2000, 2)
    assert float(GaussianTeacher().denoise(noise, torch.full((2000,), 20.0)).std()) < 0.1


def test_that_guidance_moves_away_from_what_any_class_gives():
    class Labelled(GaussianTeacher):
        def denoise(self, x, sigma, labels=None):
            return x + labels[:, None]

    x, labels = torch.zeros(2, 2), torch.tensor([0, 1])
    torch.testing.assert_close(guided(Labelled(), x, torch.ones(2), labels, 5, 3.0)[:, 0], torch.tensor([-10.0, -7.0]))
    torch.testing.assert_close(guided(Labelled(), x, torch.ones(2), labels, 5, 1.0)[:, 0], torch.tensor([0.0, 1.0]))


def test_that_without_a_teacher_it_says_what_to_do():
    with pytest.raises(StudioError, match="train a diffusion model on these data first"):
        ConsistencyDistillation(POINTS, ConsistencyDistillationParams(), {})


def test_that_the_student_begins_no_higher_than_its_teacher_knows():
    assert student().sigma_max == GaussianTeacher.sigma_max


def test_that_the_learning_rate_warms_up_and_falls_to_zero():
    rates = [rate(2.0, step / 1000) for step in range(1001)]
    assert 0 < rates[0] < 0.1
    assert max(rates) == pytest.approx(2.0, rel=0.01)
    assert rates.index(max(rates)) < 50
    assert rates[-1] == 0
