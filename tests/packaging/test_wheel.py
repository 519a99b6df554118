"""What a person gets who installs the wheel."""

import subprocess
import sys
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LIGHT = (
    "annotated-types", "numpy", "packaging", "pillow", "platformdirs", "pluggy", "psutil", "pydantic", "pydantic-core",
    "typing-extensions", "typing-inspection",
)  # fmt: skip
LIST = """
import importlib.util, sys
from studio.engine.plugins.discover import discover
from studio.home import resources
registry = discover()
assert importlib.util.find_spec("torch") is None
assert resources().is_dir() and "site-packages" in str(resources())
for plugin in registry.plugins:
    print(plugin.name, plugin.error or "healthy")
print(*{card.family for card in registry.methods.values()})
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def _install(wheel: Path, folder: Path) -> Path:
    """An environment with the wheel and the light half of its requirements: no torch, no Qt, no onnx anywhere."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(command, check=True)
    (site,) = folder.rglob("site-packages")
    for name in LIGHT:
        for top in {file.parts[0] for file in distribution(name).files or () if file.parts[0] != ".."}:
            if not (site / top).exists():
                (site / top).symlink_to(Path(str(distribution(name).locate_file(top))).resolve())
    return python


def test_that_the_wheel_lists_every_family_where_torch_is_not_even_installed(wheel, tmp_path):
    python = _install(wheel, tmp_path / "clean")
    listed = subprocess.run([python, "-I", "-c", LIST], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    *plugins, families = listed.stdout.splitlines()
    assert [line for line in plugins if not line.endswith(" healthy")] == []
    assert {folder.name.removeprefix("studio_") for folder in (ROOT / "plugins").glob("studio_*")} == set(families.split())


def test_that_the_wheel_holds_packages_resources_and_licence_and_nothing_else(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {
        "studio", *(folder.name for folder in (ROOT / "plugins").glob("studio_*")),
    }  # fmt: skip
    assert any(name.startswith("studio/resources/") for name in names)
    assert any(name.endswith("licenses/LICENSE") for name in names)
