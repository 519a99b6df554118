"""The structure of the house, as tests that fail."""

import subprocess
import sys
import tomllib
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FAMILIES = {folder.parent.name for folder in (ROOT / "plugins").glob("studio_*/__init__.py")}
SHAPELESS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "core", "misc"}


def _modules_loaded_by(code: str) -> set[str]:
    code += "\nimport sys; print(*sys.modules)"
    return set(subprocess.check_output([sys.executable, "-c", code], text=True, cwd=ROOT).split())


def test_that_imports_keep_to_the_contracts(capsys):
    broken = lint_imports(str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert broken == 0, capsys.readouterr().out


def test_that_every_family_is_under_contract_and_has_an_entry_point():
    linter = PROJECT["tool"]["importlinter"]
    assert {name for name in linter["root_packages"] if name != "studio"} == FAMILIES
    assert set(PROJECT["project"]["entry-points"]["studio.v1"].values()) >= FAMILIES
    for contract in linter["contracts"]:
        named = {*contract.get("source_modules", []), *contract.get("forbidden_modules", []), *contract.get("modules", [])}
        assert not named & FAMILIES or named >= FAMILIES, contract["name"]


def test_that_the_window_s_process_loads_neither_torch_nor_onnx():
    loaded = _modules_loaded_by("import studio.__main__, studio.ui.app, studio.ui.main_window, studio.engine.client")
    assert "PySide6.QtWidgets" in loaded
    assert loaded & {"torch", "onnx", "onnxruntime", "onnxscript", "scipy", "matplotlib"} == set()


def test_that_what_plugins_declare_loads_neither_torch_nor_qt():
    loaded = _modules_loaded_by("from studio.engine.plugins.discover import discover; assert discover().methods")
    assert loaded & {"torch", "onnx", "onnxruntime", "PySide6"} == set()


def test_that_no_module_has_a_name_that_says_nothing():
    modules = [path for folder in ("studio", "plugins", "packaging") for path in (ROOT / folder).rglob("*.py")]
    assert [str(path) for path in modules if path.stem in SHAPELESS] == []
