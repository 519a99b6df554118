"""The two commands a newcomer types."""

import importlib
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
CONSTRAINTS = (ROOT / "packaging" / "constraints.txt").read_text().splitlines()[1:]


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """`packaging/environment.py` with a project folder of its own, and instead of pip a list of what was asked of it."""
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    module = importlib.import_module("environment")
    project = tmp_path / "project"
    (project / "packaging").mkdir(parents=True)
    (project / "packaging" / "constraints.txt").write_text("torch==1\n")
    (project / "pyproject.toml").write_text("[project]\n")
    for name in ("PYTHON", "CONSTRAINTS", "READY", "UNFINISHED", "FOLDER"):
        monkeypatch.setattr(module, name, project / getattr(module, name).relative_to(module.ROOT))
    monkeypatch.setattr(module, "ROOT", project)
    monkeypatch.setattr(module, "asked", [], raising=False)
    monkeypatch.setattr(module, "_run", module.asked.append)
    yield module
    for name in ("environment", "system", "run"):
        sys.modules.pop(name, None)


def _wanted(environment: ModuleType) -> list[str]:
    return [command[-1] for command in environment.asked if "install" in command]


def test_that_a_new_environment_gets_the_pinned_project(environment):
    environment.prepare()
    assert _wanted(environment) == ["hatchling", str(environment.ROOT)]
    assert all(str(environment.CONSTRAINTS) in command for command in environment.asked[1:])


def test_that_a_ready_environment_is_left_alone(environment):
    environment.prepare()
    environment.asked.clear()
    assert environment.prepare().exists()
    assert environment.asked == []


def test_that_new_pins_are_installed_into_the_old_environment(environment):
    environment.prepare()
    kept = environment.FOLDER / "kept"
    kept.touch()
    environment.CONSTRAINTS.write_text("torch==2\n")
    environment.prepare()
    assert _wanted(environment)[2:] == ["hatchling", str(environment.ROOT)]
    assert kept.exists()


def test_that_an_environment_with_test_tools_serves_the_program_but_not_the_other_way_round(environment):
    environment.prepare()
    environment.prepare(("test",))
    assert _wanted(environment)[-1] == f"{environment.ROOT}[test]"
    environment.asked.clear()
    environment.prepare()
    assert environment.asked == []


def test_that_an_interrupted_set_up_is_begun_anew(environment, monkeypatch):
    def interrupted(_: list[str]) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(environment, "_run", interrupted)
        with pytest.raises(KeyboardInterrupt):
            environment.prepare()
    torn = environment.FOLDER / "torn"
    torn.touch()
    environment.prepare()
    assert not torn.exists()
    assert environment.READY.exists()


def test_that_an_environment_whose_python_is_gone_is_made_again(environment):
    environment.prepare()
    environment.PYTHON.unlink()
    environment.prepare()
    assert environment.PYTHON.exists()


def test_that_a_copied_project_does_not_use_the_original_s_environment(environment):
    environment.prepare()
    environment.READY.write_text(environment.READY.read_text().replace("project", "original"))
    environment.asked.clear()
    environment.prepare()
    assert len(_wanted(environment)) == 2


def test_that_a_failed_installation_ends_in_words(environment, monkeypatch):
    monkeypatch.undo()
    with pytest.raises(SystemExit, match="Run the same command again"):
        environment._run([sys.executable, "-c", "raise SystemExit(1)"])


def test_that_an_unsuited_python_is_refused_with_the_ones_that_suit(environment, monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(SystemExit, match="needs Python 3.11, 3.12 or 3.13; this is 3.10.4"):
        environment.prepare()


def test_that_without_root_missing_libraries_are_named_with_the_command(environment, monkeypatch):
    monkeypatch.setattr(environment.system, "_opens", lambda library: library != "libEGL.so.1")
    monkeypatch.setattr(environment.system.os, "geteuid", lambda: 1000)
    with pytest.raises(SystemExit, match="apt-get install libegl1"):
        environment.system.provide()


@pytest.mark.parametrize(
    ("display", "typed", "started"),
    [("", [], ["demo", "-o", "demo-pictures"]), (":0", [], []), ("", ["list", "--json"], ["list", "--json"])],
)
def test_that_without_a_display_the_demonstration_is_made_instead(environment, monkeypatch, display, typed, started):
    program = importlib.import_module("run")
    commands: list[list[str]] = []
    monkeypatch.setenv("DISPLAY", display)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(sys, "argv", ["run.py", *typed])
    monkeypatch.setattr(program.system, "provide", lambda **_: None)
    monkeypatch.setattr(program.system, "start", commands.append)
    program.main()
    assert commands == [[str(environment.PYTHON), "-m", "studio", *started]]


def test_that_constraints_pin_exactly_and_in_order():
    assert [line for line in CONSTRAINTS if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)] == []
    assert sorted(CONSTRAINTS) == CONSTRAINTS


def test_that_every_requirement_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(line for extra in project["optional-dependencies"].values() for line in extra)]
    pinned = {line.split("==")[0] for line in CONSTRAINTS}
    assert {canonicalize_name(Requirement(line).name) for line in wanted} <= pinned


def test_that_everything_installed_here_is_what_the_constraints_say():
    pins = dict(line.split("==") for line in CONSTRAINTS)
    installed = {canonicalize_name(found.metadata["Name"]): found.version.split("+")[0] for found in distributions()}
    assert {name: version for name, version in installed.items() if pins.get(name, version) != version} == {}
