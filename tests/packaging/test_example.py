"""The folder a stranger copies: installed as a distribution of its own, found, and trained."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "plugins" / "example"
FOUND = """
import sys
from studio.engine.plugins.discover import discover
registry = discover()
(plugin,) = [plugin for plugin in registry.plugins if plugin.name == "example"]
assert plugin.healthy, plugin.error
assert "torch" not in sys.modules
print(registry.method("mixture").implementation)
"""
TRAINED = """
import sys
import numpy as np, torch
from studio.api import Dataset, Points, Signature
from studio.engine.plugins.discover import discover
from studio.engine.plugins.load import load
from studio.kit.sampler import sample
from studio.kit.source import Source
from studio.kit.training import Fit, Settings

class Silent:
    report = save = preview = lambda self, *_: None

random = np.random.default_rng(0)
angles = random.integers(8, size=4000) * np.pi / 4
clouds = np.stack([np.cos(angles), np.sin(angles)], 1) + 0.1 * random.standard_normal((4000, 2))
data = Dataset(Signature(space=Points()), train=np.float32(clouds[:3000]), validation=np.float32(clouds[3000:]))
torch.manual_seed(0)
card = discover().method("mixture")
mixture = load(card.implementation)(data.signature, card.params())
settings = Settings(steps=250, batch_size=256)
Fit(mixture, Source(data, 256, 0, settings.device), settings, Silent()).run()
drawn = sample(mixture.samplers()["sample"], 500)
nearest = torch.cdist(drawn, torch.from_numpy(data.validation)).min(1).values
with torch.no_grad():
    print(float(mixture.log_prob(torch.from_numpy(data.validation)).mean()), float((nearest < 0.1).float().mean()))
"""


def _install(source: Path, folder: Path) -> None:
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*command, "--target", str(folder), str(source)], check=True)


def _run(code: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(EXAMPLE, tmp_path / "copy")
    return tmp_path / "copy"


def test_that_the_example_is_found_as_any_stranger_s_plugin(copy, tmp_path):
    _install(copy, tmp_path / "site")
    assert _run(FOUND, tmp_path / "site") == "studio_example.mixture:Mixture\n"


def test_that_a_renamed_copy_is_a_plugin_of_its_own(copy, tmp_path):
    (copy / "studio_example").rename(copy / "studio_mine")
    project = copy / "pyproject.toml"
    project.write_text(project.read_text().replace("studio-example", "studio-mine").replace("studio_example", "studio_mine"))
    _install(copy, tmp_path / "site")
    assert _run(FOUND, tmp_path / "site") == "studio_mine.mixture:Mixture\n"


def test_that_the_example_learns_eight_clouds(copy, tmp_path):
    _install(copy, tmp_path / "site")
    log_prob, near = map(float, _run(TRAINED, tmp_path / "site").split())
    entropy = -0.31
    assert log_prob == pytest.approx(entropy, abs=0.35)
    assert near > 0.9


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_the_example_obeys_the_laws_of_every_method(copy, tmp_path):
    _install(copy, tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    command = [sys.executable, "-m", "studio", "check", "mixture"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "BROKEN" not in checked.stdout
