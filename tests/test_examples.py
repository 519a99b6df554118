"""The examples in public docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import studio.api
import studio.kit

MODULES = [
    module.name
    for package in (studio.api, studio.kit)
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]


@pytest.mark.parametrize("name", MODULES)
def test_that_examples_in_docstrings_run(name):
    failed, _ = doctest.testmod(importlib.import_module(name))
    assert not failed
