"""The path a user takes, on a real screen with the real engine."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ui.driving import screen

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_pointer_and_keys_lead_from_data_to_models_to_arena_to_a_comparison(tmp_path: Path, studio_home: Path) -> None:
    shots = tmp_path / "shots"
    with screen(tmp_path) as variables:
        done = subprocess.run(
            [sys.executable, "-m", "tests.ui.path_script", str(shots)],
            cwd=ROOT, env={**variables, "STUDIO_HOME": str(studio_home)}, capture_output=True, text=True, timeout=570,
            check=False,
        )  # fmt: skip
    if kept := os.environ.get("STUDIO_SHOTS"):
        shutil.copytree(shots, kept, dirs_exist_ok=True)
    assert done.returncode == 0, done.stderr
    assert len(list(shots.glob("*.png"))) >= 15
