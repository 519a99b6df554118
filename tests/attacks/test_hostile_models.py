"""No hostile file is opened, and none takes the process down: they are looked at in a process of their own."""

import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from studio.engine.models.importing import import_model, try_opening
from studio.engine.models.inspecting import inspect
from studio.engine.models.refusal import Refused

SCRIPT = Path(__file__).with_name("hostile.py")
HOSTILE: dict[str, Any] = runpy.run_path(str(SCRIPT))
ATTACKS = HOSTILE["ATTACKS"]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What an own process says of each file, up to where it died, if it did."""
    place = tmp_path_factory.mktemp("hostile")
    said = subprocess.run([sys.executable, str(SCRIPT), str(place)], capture_output=True, text=True, timeout=100, check=False)
    return dict(line.split() for line in said.stdout.splitlines()) | {"exit": f"{said.returncode} {said.stderr[-300:]}".strip()}


@pytest.mark.parametrize("name", ATTACKS)
def test_that_a_hostile_file_is_refused_by_the_rule_that_names_it(name: str, verdicts: dict[str, str]) -> None:
    assert verdicts.get(name, f"died: {verdicts['exit']}") == ATTACKS[name][0]


def test_that_inspecting_all_hostile_files_never_aborts(verdicts: dict[str, str]) -> None:
    assert verdicts["exit"] == "0"


def test_that_an_honest_file_is_accepted(tmp_path: Path) -> None:
    summary = inspect(HOSTILE["save"](tmp_path, HOSTILE["resize"](2.0)))
    assert (summary.nodes, summary.opset, summary.inputs, summary.outputs) == (2, 18, ("x",), ("y",))


def test_that_an_abort_inside_onnxruntime_is_noticed_and_not_shared(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="opening-crashes"):
        try_opening(ATTACKS["resize_by_minus_one"][1](tmp_path))


def test_that_a_function_bomb_that_slipped_through_is_stopped_by_the_clock(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="opening-hangs"):
        try_opening(ATTACKS["function_bomb"][1](tmp_path), seconds=6)


def test_that_an_imported_file_is_copied_into_a_folder_of_its_own(tmp_path: Path) -> None:
    folder = import_model(HOSTILE["save"](tmp_path, HOSTILE["identity"]()), tmp_path / "home")
    assert [file.name for file in folder.iterdir()] == ["m.onnx"]
    assert folder.parent == tmp_path / "home" / "models"


def test_that_nothing_is_left_of_a_refused_import(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="resize-scales"):
        import_model(ATTACKS["resize_by_minus_one"][1](tmp_path), tmp_path / "home")
    assert list((tmp_path / "home" / "models").iterdir()) == []


def test_that_the_secret_behind_a_hard_link_is_never_copied(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    ATTACKS["weights_that_are_a_hard_link"][1](source)
    (source / "card.json").write_text("{}")
    with pytest.raises(Refused, match="one-name"):
        import_model(source, tmp_path / "home")
    assert list((tmp_path / "home" / "models").iterdir()) == []
