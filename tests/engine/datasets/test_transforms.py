"""Folders of posed pictures, good and bad."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from studio.api import StudioError
from studio.engine.datasets.cameras import spread
from studio.engine.datasets.catalog import CARDS
from studio.engine.datasets.reference import open_dataset

REAL = Path(__file__).parents[4] / "shared" / "data" / "lego100"
CATALOG = {card.id: card for card in CARDS}


def folder(path: Path, count: int = 12, size: tuple[int, int] = (40, 30), **lens: Any) -> list[dict[str, Any]]:
    """Red pictures with a clear left half, and their frames."""
    (path / "train").mkdir(exist_ok=True)
    frames = []
    for k, pose in enumerate(spread(count, (10, 50), 4.0)):
        picture = Image.new("RGBA", size, (255, 0, 0, 255))
        picture.paste((0, 0, 0, 0), (0, 0, size[0] // 2, size[1]))
        picture.save(path / "train" / f"r_{k}.png")
        frames.append({"file_path": f"./train/r_{k}", "transform_matrix": pose.tolist()})
    write(path, frames, **lens)
    return frames


def write(path: Path, frames: list[Any], **lens: Any) -> None:
    (path / "transforms.json").write_text(json.dumps({**(lens or {"camera_angle_x": 0.7}), "frames": frames}))


def test_that_every_tenth_view_is_held_out_and_cameras_follow_their_pictures(tmp_path: Path) -> None:
    frames = folder(tmp_path)
    dataset = open_dataset(str(tmp_path), CATALOG)
    assert dataset.train.shape == (10, 3, 100, 100)
    assert dataset.validation_poses is not None
    held_out = np.array([frames[0]["transform_matrix"], frames[10]["transform_matrix"]])
    np.testing.assert_allclose(dataset.validation_poses, held_out, atol=1e-6)
    assert dataset.problems == ()


def test_that_transparency_is_white_and_the_lens_follows_the_cut(tmp_path: Path) -> None:
    folder(tmp_path)
    dataset = open_dataset(f"{tmp_path}@16", CATALOG)
    assert dataset.train[0, :, 8, 2].tolist() == [1, 1, 1]
    assert dataset.train[0, :, 8, 13] == pytest.approx([1, 0, 0], abs=0.02)
    assert dataset.signature.space.focal == pytest.approx(0.5 / np.tan(0.35) * 40 / 30 * 16)


def test_that_lenses_in_pixels_mean_the_same(tmp_path: Path) -> None:
    folder(tmp_path, fl_x=80.0, w=80, h=60)
    assert open_dataset(f"{tmp_path}@30", CATALOG).signature.space.focal == pytest.approx(40.0)


def test_that_the_scene_is_what_the_cameras_look_at(tmp_path: Path) -> None:
    frames = folder(tmp_path)
    for frame in frames:
        for row, shift in zip(frame["transform_matrix"], (1.0, -2.0, 3.0, 0.0), strict=True):
            row[3] += shift
    write(tmp_path, frames)
    space = open_dataset(str(tmp_path), CATALOG).signature.space
    assert space.centre == pytest.approx((1.0, -2.0, 3.0), abs=1e-4)
    assert space.distance == pytest.approx(4.0)
    assert 1.0 < space.radius < 2.0


def test_that_bad_frames_are_named_with_their_reasons_and_the_rest_used(tmp_path: Path) -> None:
    frames = folder(tmp_path)
    (tmp_path / "train" / "r_1.png").write_bytes(b"no picture")
    frames[2]["transform_matrix"] = [[1, 2], [3, 4]]
    frames[3]["transform_matrix"][0][0] = float("nan")
    frames[4]["transform_matrix"][0][0] = 7.0
    frames[5]["file_path"] = "./train/gone"
    frames[6]["camera_angle_x"] = 1.5
    frames[7] = "nothing"
    write(tmp_path, frames)
    dataset = open_dataset(str(tmp_path), CATALOG)
    reasons = {problem.file: problem.reason for problem in dataset.problems}
    assert "not a picture" in reasons["./train/r_1"]
    assert reasons["./train/r_2"] == "its matrix is not 4 by 4 finite numbers"
    assert reasons["./train/r_3"] == "its matrix is not 4 by 4 finite numbers"
    assert reasons["./train/r_4"] == "its matrix is not a rotation and a place"
    assert "cannot be opened" in reasons["./train/gone"]
    assert reasons["./train/r_6"] == "its lens is not that of most others"
    assert reasons["frame 7"] == "it names no picture"
    assert len(dataset.train) + len(dataset.validation) == 5


@pytest.mark.parametrize("content", ["[", "[1]", '{"frames": 3}', "[" * 100_000])
def test_that_other_json_is_refused_in_words(tmp_path: Path, content: str) -> None:
    (tmp_path / "transforms.json").write_text(content)
    with pytest.raises(StudioError, match=r"transforms.json"):
        open_dataset(str(tmp_path), CATALOG)


def test_that_too_few_views_and_a_missing_lens_are_refused(tmp_path: Path) -> None:
    frames = folder(tmp_path, count=2)
    with pytest.raises(StudioError, match="At least 3 views are needed"):
        open_dataset(str(tmp_path), CATALOG)
    write(tmp_path, frames, w=40)
    with pytest.raises(StudioError, match="camera_angle_x"):
        open_dataset(str(tmp_path), CATALOG)
    with pytest.raises(StudioError, match="from 8 to 256"):
        open_dataset(f"{tmp_path}@4", CATALOG)


def test_that_a_lens_with_distortion_is_told(tmp_path: Path) -> None:
    folder(tmp_path, camera_angle_x=0.7, k1=0.1)
    assert "distortion" in open_dataset(str(tmp_path), CATALOG).problems[0].reason


@pytest.mark.skipif(not REAL.is_dir(), reason="the Lego views are not here")
def test_that_the_lego_views_open() -> None:
    dataset = open_dataset(str(REAL), CATALOG)
    assert dataset.train.shape == (90, 3, 100, 100)
    assert dataset.validation.shape == (10, 3, 100, 100)
    assert dataset.signature.space.distance == pytest.approx(4.03, abs=0.02)
    assert np.abs(dataset.signature.space.centre).max() < 0.05
