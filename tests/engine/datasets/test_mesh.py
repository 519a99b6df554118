"""Meshes as views, against closed forms."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.api import StudioError
from studio.engine.datasets import mesh
from studio.engine.datasets.cameras import Cameras, spread
from studio.engine.datasets.catalog import CARDS
from studio.engine.datasets.rasterizing import rasterize
from studio.engine.datasets.reference import open_dataset

CATALOG = {card.id: card for card in CARDS}
CUBE = """
v -1 -1 -1
v 1 -1 -1
v 1 1 -1
v -1 1 -1
v -1 -1 1
v 1 -1 1
v 1 1 1
v -1 1 1
f 1 4 3 2
f 5 6 7 8
f 1 2 6 5
f 2 3 7 6
f 3 4 8 7
f 4 1 5 8
"""


@pytest.fixture(autouse=True)
def _few_views(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mesh, "TRAINING", 4)
    monkeypatch.setattr(mesh, "HELD_OUT", 2)


def test_that_pixels_show_a_sheet_just_where_rays_meet_it():
    corners = np.array([[[-1.0, -1, 0.2], [1, -1, 0.2], [1, 1, 0.2]], [[-1, -1, 0.2], [1, 1, 0.2], [-1, 1, 0.2]]])
    cameras = Cameras(spread(3, (30, 80), 4.0), 24, 30.0)
    origins, directions = cameras.rays()
    for shown, start, towards in zip(rasterize(corners, cameras), origins, directions, strict=True):
        meets = start + ((0.2 - start[..., 2]) / towards[..., 2])[..., None] * towards
        inside = (np.abs(meets[..., :2]) < 1).all(-1).ravel()
        assert set(shown.pixels) == set(np.flatnonzero(inside))
        there = (corners[shown.triangles] * shown.shares[..., None]).sum(1)
        np.testing.assert_allclose(there, meets.reshape(-1, 3)[shown.pixels], atol=1e-9)


def test_that_the_nearest_triangle_hides_the_others_in_whatever_order_they_come():
    low = np.array([[-1.0, -1, 0], [1, -1, 0], [0, 1, 0]])
    camera = Cameras(spread(1, (89, 90), 4.0), 16, 20.0)
    upper = low + np.array([0, 0, 0.5])
    for pair in ([low, upper], [upper, low]):
        high = int(np.argmax([triangle[0, 2] for triangle in pair]))
        (shown,) = rasterize(np.stack(pair), camera)
        middle = shown.pixels == 8 * 16 + 8
        assert shown.triangles[middle].tolist() == [high]


def test_that_what_is_behind_the_camera_is_not_shown():
    camera = Cameras(spread(1, (0, 1), 4.0), 16, 20.0)
    (shown,) = rasterize(np.array([[[8.0, -1, -1], [8, 1, -1], [8, 0, 1]]]), camera)
    assert not len(shown.pixels)


def test_that_a_plain_mesh_is_grey_lit_and_turned_upright(tmp_path: Path) -> None:
    (tmp_path / "cube.obj").write_text(CUBE)
    dataset = open_dataset(f"{tmp_path}/cube.obj@24", CATALOG)
    assert dataset.train.shape == (4, 3, 24, 24)
    assert dataset.validation.shape == (2, 3, 24, 24)
    assert (dataset.train[:, :, 0, 0] == 1).all()
    assert np.ptp(dataset.train, axis=1).max() == 0
    assert len(np.unique(dataset.train.round(3))) > 3


def test_that_colours_of_corners_and_triangles_and_textures_are_shown(tmp_path: Path) -> None:
    trimesh = pytest.importorskip("trimesh")
    box = trimesh.creation.box()
    box.visual.vertex_colors = np.tile([255, 0, 0, 255], (len(box.vertices), 1)).astype(np.uint8)
    box.export(tmp_path / "corners.ply")
    faces = trimesh.creation.box()
    faces.visual.face_colors = np.tile([0, 255, 0, 255], (len(faces.faces), 1)).astype(np.uint8)
    faces.export(tmp_path / "faces.ply")
    painted = trimesh.creation.box()
    picture = Image.new("RGB", (8, 8), (0, 0, 255))
    uv = np.full((len(painted.vertices), 2), 0.5)
    painted.visual = trimesh.visual.TextureVisuals(uv=uv, image=picture)
    painted.export(tmp_path / "texture.glb")
    for name, colour in (("corners.ply", [1, 0, 0]), ("faces.ply", [0, 1, 0]), ("texture.glb", [0, 0, 1])):
        dataset = open_dataset(f"{tmp_path}/{name}@16", CATALOG)
        assert dataset.train[:, :, 8, 8] == pytest.approx(np.tile(colour, (4, 1)), abs=0.02), name


def test_that_of_glb_files_y_is_up_and_of_ply_files_z(tmp_path: Path) -> None:
    trimesh = pytest.importorskip("trimesh")
    trimesh.creation.box(extents=(1, 4, 1)).export(tmp_path / "pole.glb")
    trimesh.creation.box(extents=(1, 1, 4)).export(tmp_path / "pole.ply")
    for name in ("pole.glb", "pole.ply"):
        dark = open_dataset(f"{tmp_path}/{name}@24", CATALOG).train[0, 0] < 1
        assert np.ptp(np.flatnonzero(dark.any(1))) > 2 * np.ptp(np.flatnonzero(dark.any(0))), name


@pytest.mark.parametrize(
    "content", [b"", b"v 0 0 0\n", b"v 0 0 0\nf 1 1 1\n", b"\x00\xff" * 50, b"v nan 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"]
)
@pytest.mark.parametrize("suffix", [".obj", ".glb", ".ply"])
def test_that_a_broken_mesh_is_refused_in_words(tmp_path: Path, content: bytes, suffix: str) -> None:
    (tmp_path / f"bad{suffix}").write_bytes(content)
    with pytest.raises(StudioError, match=f"bad{suffix}"):
        open_dataset(str(tmp_path / f"bad{suffix}"), CATALOG)
