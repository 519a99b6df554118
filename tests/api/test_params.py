"""Parameters declared once."""

from typing import Literal

import pytest

from studio.api import Params, StudioError, describe, param, settle


class Sliders(Params):
    """One of each kind."""

    steps: int = param(10, "Steps.", ge=1, le=100)
    scale: float = param(1.5, "Scale.", ge=0.0, unit="x")
    mode: Literal["a", "b"] = param("a", "Mode.")
    quick: bool = param(False, "Quick.")


PARAMETERS = describe(Sliders)


def test_that_a_declaration_tells_kind_limits_and_unit():
    assert [parameter.kind for parameter in PARAMETERS] == ["integer", "number", "choice", "boolean"]
    assert PARAMETERS[0].limits == "between 1 and 100"
    assert PARAMETERS[1].limits == "at least 0"
    assert PARAMETERS[1].unit == "x"
    assert PARAMETERS[2].limits == "one of a, b"


def test_that_text_from_a_command_line_becomes_values_and_the_rest_has_its_default():
    assert settle(PARAMETERS, {"steps": "20", "quick": "yes"}) == {"steps": 20, "scale": 1.5, "mode": "a", "quick": True}


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"steps": 0}, "'steps' must be between 1 and 100, not 0"),
        ({"steps": 2.5}, "a whole number"),
        ({"scale": float("nan")}, "'scale' must be"),
        ({"scale": "wide"}, "a number"),
        ({"mode": "c"}, "one of a, b"),
        ({"quick": "perhaps"}, "true or false"),
        ({"colour": 1}, "There is no parameter 'colour'"),
    ],
)
def test_that_a_bad_value_is_refused_with_what_is_allowed(values, words):
    with pytest.raises(StudioError, match=words):
        settle(PARAMETERS, values)
