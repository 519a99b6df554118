"""Rays as tensors against the same as arrays, and batches of them."""

import numpy as np
import torch

from studio.api import Views
from studio.engine.datasets import cameras
from studio.engine.datasets.analytic_scene import scene
from studio.kit.rays import cast_rays, orbit
from studio.kit.source import Source

SPACE = Views(height=6, width=6, focal=7.0)
ANGLES = np.array([0.0, 75.0, -160.0]), np.array([10.0, -30.0, 80.0])


def test_that_rays_and_cameras_are_the_same_as_tensors_and_as_arrays():
    azimuth, elevation = (torch.from_numpy(angle) for angle in ANGLES)
    mine = orbit(azimuth, elevation, torch.full((3,), 2.5, dtype=torch.float64), (0.0, 0.0, 0.0))
    theirs = cameras.orbit(*ANGLES, 2.5)
    np.testing.assert_allclose(mine, theirs[:, :3], atol=1e-12)
    row, column = torch.arange(6).repeat_interleave(6), torch.arange(6).repeat(6)
    origins, directions = cameras.Cameras(theirs[1:2], 6, 7.0).rays()
    rays = cast_rays(mine[1:2].expand(36, -1, -1), row, column, SPACE)
    np.testing.assert_allclose(rays.directions, directions.reshape(-1, 3), atol=1e-7)
    np.testing.assert_allclose(rays.origins, origins.reshape(-1, 3), atol=1e-12)


def test_that_a_camera_sees_the_centre_in_the_middle_and_up_is_up():
    pose = orbit(torch.tensor([30.0]), torch.tensor([20.0]), torch.tensor([4.0]), (1.0, 2.0, 3.0))
    middle = cast_rays(pose, torch.tensor([2.5]), torch.tensor([2.5]), SPACE)
    torch.testing.assert_close(middle.origins + 4 * middle.directions, torch.tensor([[1.0, 2.0, 3.0]]))
    upper = cast_rays(pose, torch.tensor([0.0]), torch.tensor([2.5]), SPACE)
    assert upper.directions[0, 2] > middle.directions[0, 2]
    assert pose[0, 2, 3] > 3


def test_that_a_batch_of_rays_depends_on_seed_and_step_and_carries_the_colours_of_its_pixels():
    dataset = scene(4, 2, 8)
    source = Source(dataset, 64, 3, torch.device("cpu"))
    batch, again, later = source.rays()(5), Source(dataset, 64, 3, torch.device("cpu")).rays()(5), source.rays()(6)
    assert batch.rays is not None
    assert again.rays is not None
    assert torch.equal(batch.x, again.x)
    assert torch.equal(batch.rays.directions, again.rays.directions)
    assert not torch.equal(batch.x, later.x)
    poses = torch.from_numpy(dataset.train_poses)
    for colour, origin, direction in zip(batch.x, *batch.rays, strict=True):
        view = int((poses[:, :3, 3] - origin).square().sum(1).argmin())
        seen = poses[view, :3, :3].T @ direction
        x, y = (float(part * dataset.signature.space.focal / -seen[2]) + 4 for part in (seen[0], -seen[1]))
        np.testing.assert_allclose(dataset.train[view, :, int(y), int(x)], colour)


def test_that_held_out_rays_cover_the_held_out_views_in_order():
    dataset = scene(4, 2, 8)
    batch = Source(dataset, 64, 0, torch.device("cpu")).held_out_rays(10_000)
    np.testing.assert_allclose(batch.x.reshape(2, 8, 8, 3).permute(0, 3, 1, 2), dataset.validation)
