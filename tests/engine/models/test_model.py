"""An opened model: looks, cancelling, controls, words, providers, broken folders."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from studio.api import Stopped, StudioError
from studio.engine.models.model import Model
from studio.engine.models.providers import available
from studio.engine.models.session import Sessions
from tests.engine.models.conftest import Exported

Of = Callable[[str], Exported]


def test_that_looks_come_when_due_and_samples_at_the_end(exported: Of) -> None:
    seen = list(exported("denoiser").model.run(n=2, every=2))
    assert [(one.step, one.total, one.samples is not None) for one in seen] == [
        (1, 6, False), (2, 6, True), (3, 6, False), (4, 6, True), (5, 6, False), (6, 6, True),
    ]  # fmt: skip


def test_that_a_look_changes_nothing(exported: Of) -> None:
    model = exported("denoiser").model
    *_, last = model.run(n=2, every=1)
    assert last.samples is not None
    np.testing.assert_array_equal(last.samples, model.sample(n=2))


def test_that_a_sample_kept_by_the_caller_is_not_overwritten_by_later_steps(exported: Of) -> None:
    looks = [(one.samples, one.samples.copy()) for one in exported("denoiser").model.run(n=2, every=1) if one.samples is not None]
    assert all(np.array_equal(kept, copy) for kept, copy in looks)


def test_that_terminate_stops_a_run_between_its_steps(exported: Of) -> None:
    model = exported("denoiser").model
    run = model.run(n=2, controls={"steps": 50})
    next(run)
    model.terminate()
    with pytest.raises(Stopped):
        next(run)
    assert len(model.sample(n=2)) == 2


def test_that_terminate_stops_a_loop_that_is_running(exported: Of) -> None:
    model = exported("denoiser").model
    ended = list[BaseException]()

    def run() -> None:
        try:
            model.run_whole(n=2048, controls={"steps": 50})
        except (Stopped, StudioError) as error:
            ended.append(error)

    thread = Thread(target=run)
    thread.start()
    deadline = time.monotonic() + 60
    while thread.is_alive() and time.monotonic() < deadline:
        model.terminate()
        thread.join(0.02)
    assert not thread.is_alive()
    assert [type(error) for error in ended] == [Stopped]


def test_that_a_control_outside_its_limits_is_refused_with_the_limits(exported: Of) -> None:
    with pytest.raises(StudioError, match="between 1 and 50"):
        exported("denoiser").model.sample(controls={"steps": 51})


def test_that_classes_go_by_name_number_or_any(exported: Of) -> None:
    model = exported("latent").model
    by_name = model.sample(n=2, inputs={"label": "dog"})
    np.testing.assert_array_equal(by_name, model.sample(n=2, inputs={"label": 1}))
    np.testing.assert_array_equal(model.sample(n=2), model.sample(n=2, inputs={"label": "any"}))
    np.testing.assert_array_equal(model.sample(n=2, inputs={"label": ["cat", "dog"]})[1], by_name[1])
    with pytest.raises(StudioError, match="no class 'cow'; there are: cat, dog"):
        model.sample(inputs={"label": "cow"})


def test_that_characters_the_model_does_not_know_are_named(exported: Of) -> None:
    with pytest.raises(StudioError, match="does not know 'X', '!'"):
        exported("writer").model.sample(inputs={"prompt": "aXb!X"})


def test_that_tokens_read_as_text_up_to_where_they_were_written(exported: Of) -> None:
    model = exported("writer").model
    (text,) = model.texts(model.sample(inputs={"prompt": "abc"}, controls={"length": 2}))
    assert text.startswith("abc")
    assert len(text) == 5


def test_that_data_of_another_shape_are_refused_with_both_shapes(exported: Of) -> None:
    with pytest.raises(StudioError, match=r"'sample' must have the shape \(2, 1, 4, 4\), not \(2, 3\)"):
        exported("latent").model.sample("reconstruct", 2, inputs={"sample": np.zeros((2, 3))})


def test_that_the_provider_really_used_is_told(exported: Of) -> None:
    model = Model.open(exported("latent").folder, "auto")
    assert model.provider == available()[0]


@pytest.mark.parametrize("provider", ["tensorrt", "cuda", "coreml", "directml", "warp"])
def test_that_a_provider_that_is_not_there_is_refused_and_never_replaced(provider: str, exported: Of) -> None:
    if provider in available():
        assert Model.open(exported("latent").folder, provider).provider == provider
        return
    with pytest.raises(StudioError, match=f"'{provider}'.*cpu"):
        Model.open(exported("latent").folder, provider)


def copied(made: Exported, place: Path) -> Path:
    return Path(shutil.copytree(made.folder, place / "model"))


def test_that_a_folder_without_a_card_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"holds no model: there is no card\.json"):
        Model.open(tmp_path)


@pytest.mark.parametrize("file", ["card.json", "sample.step.onnx", "weights.bin"])
@pytest.mark.parametrize("damage", ["emptied", "halved", "removed"])
def test_that_a_damaged_model_is_refused(file: str, damage: str, exported: Of, tmp_path: Path) -> None:
    folder = copied(exported("denoiser"), tmp_path)
    data = (folder / file).read_bytes()
    (folder / file).unlink()
    if damage != "removed":
        (folder / file).write_bytes(data[: len(data) // 2 if damage == "halved" else 0])
    with pytest.raises(StudioError):
        Model.open(folder).sample()


def test_that_weights_that_are_a_hard_link_to_elsewhere_are_refused(exported: Of, tmp_path: Path) -> None:
    folder = copied(exported("denoiser"), tmp_path)
    (tmp_path / "secret").hardlink_to(folder / "weights.bin")
    with pytest.raises(StudioError, match="one-name"):
        Model.open(folder)


def test_that_the_longest_unused_session_is_closed_first(exported: Of) -> None:
    folder, sessions = exported("latent").folder, Sessions(limit=2)
    first = sessions.get(folder / "sample.onnx", "cpu", 1)
    sessions.get(folder / "reconstruct.onnx", "cpu", 1)
    assert sessions.get(folder / "sample.onnx", "cpu", 1) is first
    sessions.get(folder / "score-bound.onnx", "cpu", 1)
    assert len(sessions) == 2
    assert sessions.get(folder / "sample.onnx", "cpu", 1) is first
