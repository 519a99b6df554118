"""Consistency distillation's own mathematics, with a teacher whose paths are known."""

import pytest
import torch
from studio_consistency.cards.consistency_distillation import ConsistencyDistillationParams
from studio_consistency.consistency_distillation import ConsistencyDistillation, Distillation, guided
from studio_consistency.levels import karras

from studio.api import Dataset, StudioError
from studio.kit.sampler import sample
from studio.kit.source import Source
from studio.kit.training import Fit, Settings
from tests.benchmarks.zoo.trained import Quiet
from tests.plugins.teachers import POINTS, SPREAD, GaussianTeacher, along


def student(**params) -> ConsistencyDistillation:
    torch.manual_seed(0)
    return ConsistencyDistillation(POINTS, ConsistencyDistillationParams(**params), {"teacher": GaussianTeacher()})


def test_that_heuns_step_follows_the_path_and_eulers_less_well():
    sigma = karras(18, 20.0)
    x, upper, lower = torch.randn(17, 2) * sigma[:-1, None], sigma[:-1], sigma[1:]
    exact = along(x, upper, lower)
    errors = {}
    for solver in ("heun", "euler"):
        walked = Distillation(student(solver=solver, width=8)).walk(x, upper, lower, None)
        errors[solver] = float(((walked - exact).norm(dim=1) / exact.norm(dim=1)).max())
    assert errors["heun"] < 0.02
    assert errors["euler"] > 3 * errors["heun"]


def test_that_a_student_makes_in_one_step_what_the_teacher_needs_a_path_for():
    torch.manual_seed(1)
    data = SPREAD * torch.randn(2000, 2).numpy()
    model = student(width=32, learning_rate=4e-3, imitation=0.0, ema=0.98)
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
