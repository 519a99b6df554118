"""The models that fill a method's slots while it is held to the laws."""

import pytest
import torch

from studio.api import GeneratorCard, Params, Points, Signature, Slot, StudioError
from studio.engine.plugins.discover import discover
from studio.engine.training.case import Broken, Case
from studio.engine.training.laws import check
from studio.engine.training.making import make
from studio.engine.training.stand_ins import stand_ins
from studio.engine.training.toys import TOYS
from studio.engine.training.training_laws import spares

PLANE = Signature(space=Points(dimensions=2))


def pupil(provides: str, *, optional: bool = False) -> GeneratorCard:
    return GeneratorCard(
        id="pupil", family="consistency", title="Pupil", summary="", papers=(), accepts=("points",),
        inputs=(Slot(name="teacher", provides=provides, optional=optional),), params=Params, implementation="nowhere:Nothing",
    )  # fmt: skip


def test_that_a_needed_teacher_is_an_untrained_method_that_provides_it_and_needs_none():
    found = stand_ins(pupil("denoiser"), PLANE)["teacher"]
    assert "denoiser" in found.provides
    assert not found.inputs
    assert make(found, PLANE, {}).space == PLANE.space


def test_that_an_optional_slot_stays_empty():
    assert stand_ins(pupil("denoiser", optional=True), PLANE) == {}


def test_that_a_slot_that_nothing_can_fill_breaks_a_law_instead_of_skipping_all():
    with pytest.raises(StudioError, match="No installed method for points provides wings"):
        stand_ins(pupil("wings"), PLANE)
    broken = [verdict for verdict in check(pupil("wings"), ("points",)) if not verdict.holds and verdict.space]
    assert [verdict.law for verdict in broken] == ["there is a model for each input"]


def test_that_a_teacher_that_was_changed_breaks_a_law():
    card, toy = discover().method("consistency_distillation"), TOYS["points"]()
    case = Case(card, toy, stand_ins(card, toy.signature))
    student = case.build()
    assert spares(case, student) == "teacher"
    with torch.no_grad():
        next(student.inputs["teacher"].parameters()).add_(1)
    with pytest.raises(Broken, match="1 tensors of 'teacher' changed"):
        spares(case, student)
