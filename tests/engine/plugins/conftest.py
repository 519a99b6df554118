"""Distributions made on the spot, as pip would have installed them."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

Install = Callable[..., Path]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution with one module: `install("lamp", code, group="studio.v1")` gives the folder it lies in."""
    site = tmp_path / "site-packages"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def install(name: str, code: str, group: str = "studio.v1", entry_points: str | None = None) -> Path:
        information = site / f"{name}-1.2.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
        (information / "entry_points.txt").write_text(entry_points or f"[{group}]\n{name} = {name}_plugin\n")
        (site / f"{name}_plugin.py").write_text(code)
        return site

    yield install
    for module in [name for name in sys.modules if name.endswith("_plugin")]:
        del sys.modules[module]
