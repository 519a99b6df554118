import os
import time
from pathlib import Path

import pytest

from studio.api import StudioError
from studio.engine.runs.folder import RunFolder, create, names
from studio.engine.runs.request import TrainRequest
from studio.engine.runs.trash import Trash


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    folder = create(tmp_path / "runs", TrainRequest(method="toy", dataset="moons"), title="")
    (folder.previews / "one.npz").write_bytes(b"pixels")
    return folder


def test_that_a_deleted_run_comes_back_as_it_was_but_no_longer_waits(run: RunFolder):
    trash = Trash(run.path.parent)
    trash.delete(run)
    assert list(names(run.path.parent)) == []
    restored = trash.restore(run.id)
    assert (restored.previews / "one.npz").read_bytes() == b"pixels"
    assert restored.place() is None


def test_that_a_running_run_is_not_deleted(run: RunFolder):
    held = run.take()
    assert held is not None
    with held, pytest.raises(StudioError, match="is running; cancel it"):
        Trash(run.path.parent).delete(run)
    assert run.path.is_dir()


def test_that_what_was_never_deleted_cannot_be_restored(run: RunFolder):
    with pytest.raises(StudioError, match="There is no run"):
        Trash(run.path.parent).restore("../runs")


def test_that_emptying_removes_old_runs_and_never_what_links_lead_to(run: RunFolder, tmp_path: Path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("keep me")
    (run.path / "link").symlink_to(outside)
    trash = Trash(run.path.parent)
    trash.delete(run)
    (trash.folder / "planted").symlink_to(outside)
    trash.empty()
    assert (trash.folder / run.id).is_dir()
    for path in trash.folder.iterdir():
        os.utime(path, (0, time.time() - 8 * 24 * 3600), follow_symlinks=False)
    trash.empty()
    assert list(trash.folder.iterdir()) == []
    assert (outside / "precious").read_text() == "keep me"


def test_that_deleting_a_link_planted_as_a_run_leaves_its_target_alone(run: RunFolder, tmp_path: Path):
    link = run.path.parent / "planted"
    link.symlink_to(run.path)
    trash = Trash(run.path.parent)
    trash.delete(RunFolder(link))
    assert run.path.is_dir()
    assert not link.exists()
