"""A form is built from parameters alone and gives back validated values."""

from typing import Literal

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.api.params import Params, describe, param, settle
from studio.ui.fields import NumberField, written
from studio.ui.forms import Form


class Sketch(Params):
    width: int = param(64, "Channels.", ge=8, le=512, unit="channels", logarithmic=True)
    rate: float = param(3e-4, "Step size.", ge=1e-5, le=1e-1, logarithmic=True)
    schedule: Literal["cosine", "linear"] = param("cosine", "How noise grows.")
    beta: float = param(0.02, "Last beta.", ge=0.001, le=0.1, shown_when={"schedule": "linear"})
    ema: bool = param(True, "Average the weights.")
    tag: str = param("", "A name.", basic=False)


def shown(qtbot: QtBot) -> Form:
    form = Form(describe(Sketch))
    qtbot.addWidget(form)
    form.show()
    return form


def type_into(qtbot: QtBot, form: Form, name: str, text: str) -> NumberField:
    editor = form.field(name)
    assert isinstance(editor, NumberField)
    editor.edit.clear()
    qtbot.keyClicks(editor.edit, text)
    return editor


def test_that_an_untouched_form_gives_the_defaults(qtbot: QtBot) -> None:
    assert shown(qtbot).values() == settle(describe(Sketch), {})


def test_that_a_typed_number_arrives_with_its_type(qtbot: QtBot) -> None:
    form = shown(qtbot)
    with qtbot.waitSignal(form.changed) as changed:
        type_into(qtbot, form, "width", "128")
    assert form.values()["width"] == 128
    assert isinstance(changed.args[0]["width"], int)
    assert Sketch.model_validate(form.values()).width == 128


def test_that_a_number_outside_its_limits_is_refused_in_place_and_named(qtbot: QtBot) -> None:
    form = shown(qtbot)
    heard: list[bool] = []
    form.validity.connect(heard.append)
    editor = type_into(qtbot, form, "rate", "5")
    assert not form.valid
    assert heard == [False]
    assert editor.edit.property("wrong") is True
    assert "between 1e-05 and 0.1" in form._rows["rate"]._wrong.text()
    assert form.values()["rate"] == 3e-4
    type_into(qtbot, form, "rate", "0.01")
    assert form.valid
    assert form.values()["rate"] == 0.01


def test_that_a_condition_shows_and_hides_its_field(qtbot: QtBot) -> None:
    form = shown(qtbot)
    assert not form.field("beta").isVisible()
    form.set_values({"schedule": "linear"})
    assert form.field("beta").isVisible()


def test_that_the_rest_is_folded_until_asked_for(qtbot: QtBot) -> None:
    form = shown(qtbot)
    assert not form.field("tag").isVisible()
    form._more.show()
    assert form.field("tag").isVisible()


def test_that_the_slider_and_the_number_agree_and_arrows_move_both(qtbot: QtBot) -> None:
    form = shown(qtbot)
    editor = form.field("width")
    assert isinstance(editor, NumberField)
    assert editor.slider is not None
    qtbot.keyClick(editor.slider, Qt.Key.Key_End)
    assert editor.edit.text() == "512"
    qtbot.keyClick(editor.edit, Qt.Key.Key_Down)
    assert form.values()["width"] == 511
    assert editor.slider.value() == 511


def test_that_reset_returns_to_the_defaults(qtbot: QtBot) -> None:
    form = shown(qtbot)
    form.set_values({"width": 9, "ema": False, "schedule": "linear"})
    with qtbot.waitSignal(form.changed):
        form.reset()
    assert form.values() == settle(describe(Sketch), {})


def test_that_numbers_are_written_short_and_read_back_equal() -> None:
    assert [written(value) for value in (3e-4, 64, 0.5, 1e-5, 12.0)] == ["3e-4", "64", "0.5", "1e-5", "12"]
