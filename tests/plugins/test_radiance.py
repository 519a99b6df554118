"""What all radiance fields share: volume rendering, empty space, the order of pixels and the cameras."""

import math

import pytest
import torch
from studio_nerf.cards.tensorf import TensoRFParams
from studio_nerf.occupancy import Occupancy
from studio_nerf.refinement import STRIDES, Refinement
from studio_nerf.rendering import DIAGONAL, Field, march, see, shares, span
from studio_nerf.tensorf import TensoRF

from studio.engine.datasets.analytic_scene import scene
from studio.kit.rays import Rays, orbit
from studio.kit.sampler import sample

SIGNATURE = scene(8, 2, 8).signature


class Ball(Field):
    """Dense and red within a radius of a half."""

    def density(self, points):
        return torch.where(points.norm(dim=1) < 0.5, 400.0, 0.0), points

    def colour(self, points, features, directions):
        return torch.tensor([1.0, 0.0, 0.0]).expand(len(points), -1)


class Fog(Ball):
    def density(self, points):
        return torch.full((len(points),), 0.7), points


def rays(count: int = 200) -> Rays:
    torch.manual_seed(0)
    origins = torch.nn.functional.normalize(torch.randn(count, 3), dim=1) * 3
    return Rays(origins, torch.nn.functional.normalize(torch.rand(count, 3) * 1.6 - 0.8 - origins, dim=1))


def settled(field: Field, cells: int = 16) -> Occupancy:
    torch.manual_seed(0)
    occupancy = Occupancy(cells)
    for _ in range(60):
        occupancy.update(lambda points: field.density(points)[0], 0.05)
    return occupancy


def test_that_fog_hides_what_lies_behind_it_by_the_law_of_beer_and_lambert():
    across = rays()
    seen = see(Fog(), _all(), across, march(across, 2000, 0.5))
    enter, leave = span(across)
    length = (leave - enter).clamp(min=0).squeeze(1)
    torch.testing.assert_close(seen.opacity, 1 - torch.exp(-0.7 * length), atol=0.02, rtol=0)
    torch.testing.assert_close(seen.colour[:, 0], seen.opacity)
    assert (seen.opacity[length == 0] == 0).all()


def _all() -> Occupancy:
    occupancy = Occupancy(8)
    occupancy.share.fill_(1)
    return occupancy


def test_that_the_shares_of_a_ray_and_what_passes_add_up_to_one():
    thickness = torch.rand(5, 40, dtype=torch.float64)
    passed = torch.exp(-thickness.sum(1))
    torch.testing.assert_close(shares(thickness).sum(1) + passed, torch.ones(5, dtype=torch.float64))


def test_that_the_distance_of_a_solid_is_where_its_surface_is():
    towards = Rays(torch.tensor([[3.0, 0.0, 0.0]]), torch.tensor([[-1.0, 0.0, 0.0]]))
    seen = see(Ball(), settled(Ball()), towards, march(towards, 800, 0.5))
    assert float(seen.opacity) > 0.999
    assert abs(float(seen.distance) - 2.5) < 0.01


def test_that_a_ray_beside_the_cube_has_no_marks_and_steps_stay_inside():
    beside = Rays(torch.tensor([[3.0, 0.0, 5.0]]), torch.tensor([[-1.0, 0.0, 0.0]]))
    assert not march(beside, 64, 0.5).widths.any()
    across = rays()
    marks = march(across, 64, 0.5)
    places = across.origins[:, None] + marks.times[..., None] * across.directions[:, None]
    assert (places[marks.widths > 0].abs() <= 1 + 1e-5).all()
    assert torch.allclose(marks.widths.max(), torch.tensor(DIAGONAL / 64))


def test_that_skipping_empty_space_leaves_the_picture_as_it_is_and_most_of_the_work_out():
    across, occupancy = rays(), settled(Ball())
    marks = march(across, 256, 0.5)
    whole, skipped = (see(Ball(), grid, across, marks) for grid in (_all(), occupancy))
    torch.testing.assert_close(skipped.colour, whole.colour, atol=1e-4, rtol=0)
    assert occupancy.filled.float().mean() < 0.4


def test_that_density_fades_without_a_jump_towards_empty_cells_and_the_sides():
    occupancy = settled(Ball())
    line = torch.stack([torch.linspace(-1, 1, 4001), torch.full((4001,), 0.03), torch.full((4001,), 0.01)], dim=1)
    counted = occupancy.weigh(line) * occupancy.holds(line)
    assert counted.diff().abs().max() < 2 * 16 / 4000
    assert counted[0] == counted[-1] == 0
    assert counted[line[:, 0].abs() < 0.5].min() == pytest.approx(1, abs=1e-5)


def test_that_space_that_empties_is_given_up_and_space_that_fills_is_found():
    occupancy = settled(Ball())
    torch.manual_seed(1)
    for _ in range(160):
        occupancy.update(lambda points: torch.where(points[:, 0] > 0.5, 400.0, 0.0), 0.05)
    assert occupancy.holds(torch.tensor([[0.7, 0.0, 0.0], [-0.3, 0.0, 0.0]])).tolist() == [True, False]


def test_that_pixels_come_once_each_coarse_grids_first():
    refinement = Refinement(20, 24)
    order = refinement.order.flatten()[: 20 * 24]
    assert sorted(order.tolist()) == list(range(20 * 24))
    for stride in STRIDES:
        first = order[: math.ceil(20 / stride) * math.ceil(24 / stride)]
        assert ((first // 24 % stride == 0) & (first % 24 % stride == 0)).all()


def test_that_an_unfinished_picture_is_the_coarser_one_and_a_finished_one_whole():
    refinement = Refinement(16, 16)
    picture = torch.arange(256.0)
    known = torch.full((1, 1, refinement.order.numel()), -1.0)
    steps = refinement.preview_steps(4)
    done = refinement.order[:steps].flatten()
    known[0, 0, : len(done)] = picture[done]
    coarse = refinement.fill(known, torch.tensor(steps)).reshape(16, 16)
    assert torch.equal(coarse, picture.reshape(16, 16)[::4, ::4].repeat_interleave(4, 0).repeat_interleave(4, 1))
    known[0, 0] = picture[refinement.order.flatten()]
    assert torch.equal(refinement.fill(known, torch.tensor(refinement.steps)).flatten(), picture)


@pytest.fixture(scope="module")
def still():
    """A field with the ball in it."""
    torch.manual_seed(0)
    model = TensoRF(SIGNATURE, TensoRFParams(cells=16, coarse=8, resolution=8)).eval()
    model.field = Ball()
    model.occupancy = settled(Ball())
    return model


def test_that_a_picture_shows_the_scene_before_its_background_and_sharpens_with_steps(still):
    seen = sample(still.samplers()["sample"], 2, 0)
    assert seen.shape == (2, 3, 8, 8)
    torch.testing.assert_close(seen[:, :, 0, 0], torch.ones(2, 3))
    torch.testing.assert_close(seen[:, :, 4, 4], torch.tensor([[1.0, 0.0, 0.0]] * 2), atol=1e-3, rtol=0)
    coarse = sample(still.samplers()["sample"], 2, 0, controls={"steps": 1})
    assert not torch.equal(coarse, seen)


def test_that_cameras_differ_unless_they_are_told_not_to(still):
    sampler = still.samplers()["sample"]
    noise = torch.rand(4, 2)
    given = {name: torch.tensor(value) for name, value in {"azimuth": 40.0, "elevation": 20.0, "distance": 3.0}.items()}
    random = sampler.poses(noise, given | {"spread": torch.tensor(1.0)})
    assert (random[:, 0, 3].diff().abs() > 1e-3).all()
    low, high = still.views.elevations
    heights = torch.rad2deg(torch.asin(random[:, 2, 3] / 3))
    assert ((heights > low - 1e-3) & (heights < high + 1e-3)).all()
    fixed = sampler.poses(noise, given | {"spread": torch.tensor(0.0)})
    torch.testing.assert_close(fixed, orbit(*(value.expand(4) for value in given.values()), still.views.centre))


def test_that_a_given_pose_shows_what_the_sliders_show_from_there(still):
    controls = {"azimuth": 40.0, "elevation": 20.0, "distance": 3.0, "spread": 0.0}
    aimed = sample(still.samplers()["sample"], 1, 0, controls=controls)
    pose = torch.eye(4)[None].clone()
    pose[:, :3] = orbit(torch.tensor([40.0]), torch.tensor([20.0]), torch.tensor([3.0]), still.views.centre)
    torch.testing.assert_close(sample(still.samplers()["render"], 1, 0, {"pose": pose}), aimed)


def test_that_a_turntable_goes_evenly_around(still):
    turntable = still.samplers()["turntable"]
    given = {"azimuth": 0.0, "elevation": 0.0, "distance": 2.0}
    poses = turntable.poses(
        torch.empty(4, 0), {name: torch.tensor(value) for name, value in given.items()} | {"turn": torch.arange(4) / 4}
    )
    torch.testing.assert_close(poses[:, :2, 3], torch.tensor([[2.0, 0], [0, 2], [-2, 0], [0, -2]]), atol=1e-5, rtol=0)


def test_that_depth_is_bright_where_things_are_near_and_black_where_nothing_is(still):
    far, near = (
        sample(still.samplers()["depth"], 1, 0, controls={"spread": 0.0, "distance": 3.5, "field_of_view": angle})
        for angle in (36.0, 10.0)
    )
    assert far.shape == (1, 3, 8, 8)
    assert (far[:, :, 0, 0] == 0).all()
    middle, edge = far[0, 0, 4, 4], near[0, 0, 0, 0]
    radius = still.views.radius
    expected = (math.sqrt(2) * radius + 0.5 * radius) / (2 * math.sqrt(2) * radius)
    assert float(middle) == pytest.approx(expected, abs=0.03)
    assert edge < near[0, 0, 4, 4]
