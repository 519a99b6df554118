"""The still life against its own geometry."""

import numpy as np

from studio.engine.datasets.analytic_scene import BALL, SPHERE, scene, solids, trace
from studio.engine.datasets.cameras import Cameras


def test_that_a_ray_at_the_sphere_ends_at_its_true_distance():
    above = SPHERE + np.array([0.1, 0.0, 2.0])
    direction = np.array([[0.0, 0.0, -1.0]])
    assert abs(trace(above[None], direction)[0] - (2.0 - np.sqrt(BALL**2 - 0.1**2))) < 2e-3


def test_that_traced_rays_end_on_a_solid_and_others_pass_all_of_them():
    dataset = scene(4, 2, 16)
    assert dataset.train_poses is not None
    origins, directions = Cameras(dataset.train_poses.astype(float), 16, dataset.signature.space.focal).rays()
    flat, towards = origins.reshape(-1, 3), directions.reshape(-1, 3)
    distances = trace(flat, towards)
    hit = np.isfinite(distances)
    assert 0.2 < hit.mean() < 0.8
    assert np.abs(solids(flat[hit] + distances[hit, None] * towards[hit]).min(0)).max() < 2e-3
    along = flat[~hit][:, None] + np.linspace(2, 5, 200)[:, None] * towards[~hit][:, None]
    assert solids(along.reshape(-1, 3)).min() > 0


def test_that_views_are_in_range_white_around_and_differ_between_training_and_validation():
    dataset = scene(4, 2, 16)
    assert dataset.train.shape == (4, 3, 16, 16)
    assert dataset.train.dtype == np.float32
    assert 0 <= dataset.train.min() < 0.2
    assert (dataset.train[:, :, 0, 0] == 1).all()
    assert dataset.train_poses is not None
    assert dataset.validation_poses is not None
    between = np.linalg.norm(dataset.train_poses[:, None, :3, 3] - dataset.validation_poses[None, :, :3, 3], axis=2)
    assert between.min() > 0.2


def test_that_the_scene_lies_within_its_radius():
    dataset = scene(4, 2, 16)
    places = np.random.default_rng(0).uniform(-2, 2, (20_000, 3))
    outside = places[(np.abs(places) > dataset.signature.space.radius).any(1)]
    assert solids(outside).min() > 0
