import os
from pathlib import Path

import pytest

from studio.api import StudioError
from studio.engine.runs.checkpoints import Checkpoints


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    return Checkpoints(tmp_path / "checkpoints")


def test_that_the_last_two_are_kept(checkpoints: Checkpoints):
    for step in (1, 2, 3, 4):
        checkpoints.save(step, bytes([step]))
    assert {file.name for file in checkpoints.folder.iterdir()} == {
        "latest.json", "step-000003.safetensors", "step-000004.safetensors",
    }  # fmt: skip
    loaded = Checkpoints(checkpoints.folder).load()
    assert loaded is not None
    assert (loaded[0].step, loaded[1], loaded[2]) == (4, b"\4", "")


@pytest.mark.parametrize("harm", [b"", b"x", None])
def test_that_a_broken_newest_gives_way_to_the_one_before_and_says_so(checkpoints: Checkpoints, harm: bytes | None):
    first, second = checkpoints.save(1, b"first"), checkpoints.save(2, b"second")
    broken = checkpoints.folder / second.file
    broken.unlink() if harm is None else broken.write_bytes(harm)
    again = Checkpoints(checkpoints.folder)
    loaded = again.load()
    assert loaded is not None
    assert (loaded[0], loaded[1]) == (first, b"first")
    assert "step 2" in loaded[2]
    assert "step 1" in loaded[2]
    again.save(3, b"third")
    latest = again.latest()
    assert latest is not None
    assert latest.previous == first


def test_that_two_saves_at_one_step_never_overwrite_the_one_in_use(checkpoints: Checkpoints):
    saved = [checkpoints.save(5, bytes([k])) for k in range(4)]
    assert len({saved[2].file, saved[3].file}) == 2
    loaded = checkpoints.load()
    assert loaded is not None
    assert loaded[1] == b"\3"
    (checkpoints.folder / saved[3].file).write_bytes(b"broken")
    loaded = checkpoints.load()
    assert loaded is not None
    assert loaded[1] == b"\2"


def test_that_none_was_made_is_no_error_and_all_broken_is_one(checkpoints: Checkpoints):
    assert checkpoints.load() is None
    saved = checkpoints.save(1, b"only")
    (checkpoints.folder / saved.file).write_bytes(b"other")
    with pytest.raises(StudioError, match="No checkpoint in .* is whole"):
        checkpoints.load()
    (checkpoints.folder / "latest.json").write_bytes(b"{")
    with pytest.raises(StudioError, match="No checkpoint in .* is whole"):
        checkpoints.load()


def test_that_a_name_in_latest_json_cannot_lead_outside(checkpoints: Checkpoints, tmp_path: Path):
    saved = checkpoints.save(1, b"secret")
    os.rename(checkpoints.folder / saved.file, tmp_path / saved.file)  # noqa: PTH104
    index = checkpoints.folder / "latest.json"
    index.write_text(index.read_text().replace(saved.file, f"../{saved.file}"))
    with pytest.raises(StudioError, match="No checkpoint"):
        Checkpoints(checkpoints.folder).load() or pytest.fail("nothing to refuse")
