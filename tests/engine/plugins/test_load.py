"""A card's reference leads to code, or to words."""

import math

import pytest

from studio.api import StudioError
from studio.engine.plugins.load import load


def test_that_a_reference_gives_what_it_names():
    assert load("math:sqrt") is math.sqrt
    assert load("pathlib:Path.home")().is_absolute()


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("math.sqrt", "package.module:Name"),
        ("math:", "package.module:Name"),
        ("nowhere.at.all:Thing", "no module 'nowhere'"),
        ("math:cube", "has no attribute 'cube'"),
    ],
)
def test_that_a_bad_reference_is_explained(reference, words):
    with pytest.raises(StudioError, match=words):
        load(reference)


def test_that_a_missing_requirement_is_named(install):
    install("lamp", "import electricity")
    with pytest.raises(StudioError, match="needs 'electricity', which is not installed"):
        load("lamp_plugin:Lamp")


def test_that_a_bug_in_the_code_stays_a_bug(install):
    install("torch_light", "{}['missing']")
    with pytest.raises(KeyError):
        load("torch_light_plugin:Lamp")
