from pathlib import Path

import numpy as np
import pytest

from studio.api import Points, Signature, StudioError
from studio.engine.runs.folder import RunFolder, create
from studio.engine.runs.preview import read_layers, read_preview
from studio.engine.runs.request import TrainRequest


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = create(tmp_path / "runs", TrainRequest(method="toy", dataset="moons"), title="")
    folder.signature.write_text(Signature(space=Points(dimensions=2)).model_dump_json())
    np.savez(folder.previews / "step-000001.npz", samples=np.ones((3, 2), np.float32))
    return folder


def test_that_a_preview_comes_back_with_its_space(run: RunFolder):
    samples = read_preview(run, "previews/step-000001.npz")
    assert samples.array.shape == (3, 2)
    assert samples.space == Points(dimensions=2)


@pytest.mark.parametrize("file", ["../request.json", "/etc/passwd", "none.npz", "..", ""])
def test_that_nothing_else_is_read(run: RunFolder, file: str):
    with pytest.raises(StudioError, match="cannot be read"):
        read_preview(run, file)


@pytest.mark.parametrize("harm", ["empty", "truncated", "pickled", "link", "other"])
def test_that_a_broken_preview_is_an_error_in_words(run: RunFolder, harm: str, tmp_path: Path):
    path = run.previews / "step-000001.npz"
    data = path.read_bytes()
    if harm == "empty":
        path.write_bytes(b"")
    elif harm == "truncated":
        path.write_bytes(data[:-40])
    elif harm == "pickled":
        np.savez(path, samples=np.array([{"a": 1}], dtype=object))
    elif harm == "link":
        (tmp_path / "elsewhere.npz").write_bytes(data)
        path.unlink()
        path.symlink_to(tmp_path / "elsewhere.npz")
    else:
        np.savez(path, other=np.ones(3))
    with pytest.raises(StudioError, match="cannot be read"):
        read_preview(run, path.name)


def test_that_a_preview_of_an_old_run_has_no_layers(run: RunFolder):
    assert read_layers(run, "step-000001.npz") == ()


@pytest.mark.parametrize(
    "wrong",
    [np.full((4, 4), np.nan, np.float32), np.zeros((4, 4, 4), np.float32), np.array([["x"]]), np.zeros((0, 3), np.float32)],
)
def test_that_a_layer_that_cannot_be_drawn_is_an_error_in_words(run: RunFolder, wrong):
    np.savez(run.previews / "step-000002.npz", allow_pickle=False, samples=np.ones((3, 2)), **{"surface.energy": wrong})
    with pytest.raises(StudioError, match="cannot be read"):
        read_layers(run, "step-000002.npz")
