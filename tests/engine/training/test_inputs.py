"""Which runs may be a method's teacher."""

from pathlib import Path

import pytest

from studio.api import GeneratorCard, Params, Points, Signature, Slot, StudioError
from studio.engine.plugins.registry import Registry
from studio.engine.runs.folder import create
from studio.engine.runs.request import TrainRequest
from studio.engine.training.inputs import fits, with_inputs


def card(id: str, provides: tuple[str, ...] = (), inputs: tuple[Slot, ...] = ()) -> GeneratorCard:
    return GeneratorCard(
        id=id, family="diffusion", title=id.capitalize(), summary="", papers=(), accepts=("points",), provides=provides,
        inputs=inputs, params=Params, implementation="nowhere:Nothing",
    )  # fmt: skip


PUPIL = card("pupil", inputs=(Slot(name="teacher", provides="denoiser"),))
REGISTRY = Registry(methods={made.id: made for made in (PUPIL, card("master", ("denoiser",)), card("other"))})


def request(**inputs: str) -> TrainRequest:
    return TrainRequest(method="pupil", dataset="moons", inputs=inputs)


def run(store: Path, method: str, *, trained: bool = True) -> str:
    store.mkdir(exist_ok=True)
    folder = create(store, TrainRequest(method=method, dataset="moons"), title=method)
    if trained:
        folder.checkpoints.save(3, b"weights")
    return folder.id


def test_that_a_run_may_be_named_with_or_without_its_kind(tmp_path: Path):
    id = run(tmp_path, "master")
    for name in (id, f"run:{id}"):
        assert with_inputs(request(teacher=name), REGISTRY, tmp_path).inputs == {"teacher": f"run:{id}"}


def test_that_what_cannot_teach_is_refused_with_what_can(tmp_path: Path):
    wrong = run(tmp_path, "other")
    with pytest.raises(StudioError, match="Other does not provide denoiser for 'teacher'. Train Master first."):
        with_inputs(request(teacher=wrong), REGISTRY, tmp_path)
    right = run(tmp_path, "master")
    with pytest.raises(StudioError, match=f"'starter:master' is no run of yours.* There are: {right}."):
        with_inputs(request(teacher="starter:master"), REGISTRY, tmp_path)


def test_that_an_unknown_slot_and_a_run_without_weights_are_named(tmp_path: Path):
    with pytest.raises(StudioError, match="Pupil has no input 'tutor'; it has: teacher."):
        with_inputs(request(tutor="x"), REGISTRY, tmp_path)
    fresh = run(tmp_path, "master", trained=False)
    with pytest.raises(StudioError, match=f"The run '{fresh}' has no checkpoint yet"):
        with_inputs(request(teacher=fresh), REGISTRY, tmp_path)


def test_that_a_teacher_of_other_data_is_refused_with_both_shapes():
    plane, line = (Signature(space=Points(dimensions=k)) for k in (2, 1))
    fits(PUPIL, PUPIL.inputs[0], plane, plane)
    with pytest.raises(StudioError, match="trained on points 1, the data are points 2"):
        fits(PUPIL, PUPIL.inputs[0], line, plane)
