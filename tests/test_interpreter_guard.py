"""The pair of Qt and Python that crashes is refused in words, and any other such pair is caught."""

import sys

import pytest
from PySide6.QtCore import QObject

from studio import interpreter
from studio.api import StudioError


def test_that_a_void_qt_call_keeps_the_references_to_none():
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(1000):
        thing.setObjectName("x")
    assert abs(sys.getrefcount(None) - before) < 100


def test_that_this_python_and_this_qt_are_accepted():
    interpreter.check_interpreter()


def _pretend(monkeypatch: pytest.MonkeyPatch, qt: str, python: tuple[int, int]) -> None:
    class Version(tuple):
        major, minor = python

    monkeypatch.setattr(interpreter, "version", lambda _: qt)
    monkeypatch.setattr(sys, "version_info", Version(python))


def test_that_the_crashing_pair_is_refused_with_what_to_install(monkeypatch):
    _pretend(monkeypatch, "6.12.0", (3, 11))
    with pytest.raises(StudioError, match="PySide6-Essentials==6.11.2"):
        interpreter.check_interpreter()


@pytest.mark.parametrize(("qt", "python"), [("6.12.0", (3, 12)), ("6.11.2", (3, 11)), ("6.12.1", (3, 11))])
def test_that_other_pairs_are_accepted(monkeypatch, qt, python):
    _pretend(monkeypatch, qt, python)
    interpreter.check_interpreter()
