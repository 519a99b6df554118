"""Consistency training's own mathematics."""

import pytest
import torch
from studio_consistency.cards.consistency_training import ConsistencyTrainingParams
from studio_consistency.consistency_model import pseudo_huber, with_any
from studio_consistency.consistency_training import ConsistencyTraining, easy, improved
from studio_consistency.levels import karras
from studio_diffusion.cards.edm import EDMParams
from studio_diffusion.edm import EDM

from studio.api import Image, Points, Signature, StudioError
from studio.kit.generator import Generator
from studio.kit.sampler import given_tensors
from studio.kit.source import Batch
from tests.plugins.teachers import POINTS, GaussianTeacher

PICTURES = Signature(space=Image(height=8, width=8, channels=1), classes=("a", "b"))
CPU = torch.device("cpu")


def model(teacher: Generator | None = None, signature: Signature = POINTS, **params) -> ConsistencyTraining:
    torch.manual_seed(0)
    inputs = {} if teacher is None else {"teacher": teacher}
    return ConsistencyTraining(signature, ConsistencyTrainingParams(width=16, **params), inputs)


def test_that_a_sample_without_noise_is_its_own_end():
    x = torch.randn(5, 2)
    torch.testing.assert_close(model().function(x, torch.zeros(5)), x)


def test_that_a_teacher_of_the_same_kind_is_where_the_student_starts():
    torch.manual_seed(1)
    teacher = EDM(PICTURES, EDMParams(width=24, patch=2, sigma_data=0.7)).eval()
    for weight in teacher.average.parameters():
        weight.data.add_(0.01 * torch.randn_like(weight))
    student = model(teacher, PICTURES)
    x, sigma, labels = torch.randn(3, 1, 8, 8), torch.tensor([0.1, 1.0, 9.0]), torch.tensor([0, 1, 2])
    torch.testing.assert_close(student.function.train()(x, sigma, labels), teacher.denoise(x, sigma, labels))
    assert [stage.name for stage in student.stages()] == ["tune"]
    assert all(weight.requires_grad for weight in student.function.parameters())


def test_that_a_teacher_of_another_kind_is_imitated_first():
    assert [stage.name for stage in model(GaussianTeacher()).stages()] == ["imitate", "tune"]
    assert [stage.name for stage in model(GaussianTeacher(), imitation=0.0).stages()] == ["tune"]
    shares = [stage.share for stage in model(GaussianTeacher(), imitation=0.2).stages()]
    assert shares[0] / sum(shares) == pytest.approx(0.2)


def test_that_neither_checkpoint_nor_parameters_hold_the_teacher():
    teacher = EDM(POINTS, EDMParams(width=16))
    student = model(teacher)
    assert not {id(weight) for weight in student.parameters()} & {id(weight) for weight in teacher.parameters()}
    assert {name.split(".")[0] for name in student.state_dict()} == {"function", "average"}


def test_that_a_teacher_of_other_data_or_of_no_use_is_refused():
    with pytest.raises(StudioError, match="trained on other data"):
        model(GaussianTeacher(Signature(space=Points(dimensions=3))))
    with pytest.raises(StudioError, match="cannot denoise"):
        model(Generator(POINTS, None))


def test_that_easy_levels_begin_as_denoising_and_draw_together():
    t, r = easy(2000, 0, CPU, 80.0)
    assert not r.any()
    assert t.log().mean() == pytest.approx(-1.1, abs=0.3)
    t, r = easy(2000, 8, CPU, 80.0)
    torch.testing.assert_close((t - r) / t, (1 + 8 / (1 + t.exp())) / 256, rtol=1e-3, atol=1e-5)


def test_that_improved_levels_are_neighbours_with_about_normal_logarithms():
    upper, lower = improved(20_000, 3, CPU, 80.0)
    sigma = karras(81, 80.0)
    places = (upper[:, None] - sigma).abs().argmin(1)
    torch.testing.assert_close(lower, sigma[places + 1])
    assert float((upper.log() + 1.1).div(2).mean()) == pytest.approx(0, abs=0.15)
    assert float(upper.log().std()) == pytest.approx(2.0, abs=0.25)


def test_that_karras_levels_span_the_range_evenly_in_the_seventh_root():
    sigma = karras(5, 80.0)
    assert (float(sigma[0]), float(sigma[-1])) == (pytest.approx(80, rel=1e-4), pytest.approx(0.002, rel=1e-3))
    torch.testing.assert_close((sigma ** (1 / 7)).diff(), (sigma ** (1 / 7)).diff()[:1].expand(4), rtol=1e-3, atol=1e-5)


def test_that_the_loss_is_squared_near_zero_and_absolute_far_away():
    near, far = torch.full((1, 4), 1e-3), torch.full((1, 4), 100.0)
    torch.testing.assert_close(pseudo_huber(near, 1.0), near.square().sum(1) / (2 * 2), rtol=1e-2, atol=1e-7)
    torch.testing.assert_close(pseudo_huber(far, 1.0), torch.tensor([200.0 - 2.0]), rtol=1e-4, atol=0)


def test_that_some_classes_become_any_and_none_is_made_up():
    torch.manual_seed(3)
    labels = with_any(Batch(torch.zeros(4000, 2), torch.ones(4000, dtype=torch.int64)), 2)
    assert labels is not None
    assert set(labels.tolist()) == {1, 2}
    assert float((labels == 2).float().mean()) == pytest.approx(0.1, abs=0.02)
    assert with_any(Batch(torch.zeros(4, 2)), 0) is None


@pytest.mark.parametrize(("steps", "levels"), [(1, [80.0]), (2, [80.0, 0.8]), (3, [80.0, 8.0, 0.8])])
def test_that_sampling_starts_at_pure_noise_and_ends_at_the_chosen_level(steps: int, levels: list[float]):
    machine = model().samplers()["sample"]
    given = given_tensors(machine, {}, {"steps": steps, "sigma": 0.8}, CPU)
    assert [float(machine.level(torch.tensor(i), given)) for i in range(steps)] == pytest.approx(levels, rel=1e-4)
