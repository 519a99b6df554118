import re
import subprocess
import sys
from pathlib import Path

import pytest

from studio.api import StudioError
from studio.engine.runs.folder import RunFolder, create, find, names
from studio.engine.runs.request import TrainRequest

REQUEST = TrainRequest(method="ddpm", dataset="emoji", title="Faces")


def test_that_a_new_run_has_a_readable_id_and_waits(tmp_path: Path):
    folder = create(tmp_path, REQUEST, title="Faces", plugin="diffusion", version="1.0")
    assert re.fullmatch(r"ddpm-emoji-\d{8}-\d{6}-[0-9a-f]{6}", folder.id)
    assert folder.record().request == REQUEST
    assert folder.place() is not None
    assert not folder.alive()
    assert list(names(tmp_path)) == [folder.id]


def test_that_an_id_is_a_plain_name_whatever_the_dataset_is_called(tmp_path: Path):
    folder = create(tmp_path, TrainRequest(method="gpt", dataset="/home/ü/../My texts (1)/" + 200 * "a"), title="")
    assert re.fullmatch(r"[a-z0-9-]{20,90}", folder.id)


def test_that_later_runs_wait_behind_earlier_ones(tmp_path: Path):
    places = [create(tmp_path, REQUEST, title="").place() or 0 for _ in range(5)]
    assert places == sorted(places)


@pytest.mark.parametrize("id", ["..", ".", "", "a/b", "../x", ".trash", "none", "a" * 300])
def test_that_only_a_run_of_the_store_is_found(tmp_path: Path, id: str):
    create(tmp_path / "runs", REQUEST, title="")
    with pytest.raises(StudioError, match="There is no run"):
        find(tmp_path / "runs", id)


def test_that_a_link_in_the_store_is_no_run(tmp_path: Path):
    real = create(tmp_path / "elsewhere", REQUEST, title="")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "link").symlink_to(real.path)
    assert list(names(tmp_path / "runs")) == []
    with pytest.raises(StudioError, match="There is no run 'link'"):
        find(tmp_path / "runs", "link")


def test_that_only_the_two_known_words_are_heard(tmp_path: Path):
    folder = create(tmp_path, REQUEST, title="")
    assert folder.asked() == ""
    folder.ask("pause")
    assert folder.asked() == "pause"
    folder.control.write_bytes(b"\xffrm -rf")
    assert folder.asked() == ""


def test_that_one_holder_has_the_lock_and_anyone_may_look(tmp_path: Path):
    folder = create(tmp_path, REQUEST, title="")
    held = folder.take()
    assert held is not None
    held.sign(4711)
    assert folder.take(patience=0.05) is None
    assert (folder.alive(), folder.alive(), folder.pid()) == (True, True, 4711)
    held.release()
    assert (folder.alive(), folder.pid()) == (False, None)


def test_that_a_child_keeps_an_inherited_lock_until_it_dies(tmp_path: Path):
    folder = RunFolder(create(tmp_path, REQUEST, title="").path)
    held = folder.take()
    assert held is not None
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[held.descriptor])
    held.release()
    assert folder.alive()
    child.kill()
    child.communicate()
    assert not folder.alive()


def test_that_a_folder_without_a_request_says_so(tmp_path: Path):
    with pytest.raises(StudioError, match="request.json is missing or broken"):
        RunFolder(tmp_path).record()
