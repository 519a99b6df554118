"""NeRF's own mathematics."""

import math

import torch
from studio_nerf.cards.nerf import NeRFParams
from studio_nerf.encoding import positional, spherical
from studio_nerf.nerf import NeRF, Perceptron, inverse, stretches
from studio_nerf.rendering import Marks, march

from studio.engine.datasets.analytic_scene import scene
from studio.kit.rays import Rays

MARKS = Marks(torch.arange(10.0)[None] + 0.5, torch.ones(1, 10))


def test_that_marks_come_back_where_the_weight_is():
    weights = torch.zeros(1, 10)
    weights[0, 3], weights[0, 7] = 0.75, 0.25
    found = inverse(MARKS, weights, (torch.arange(40.0)[None] + 0.5) / 40)
    first, second = ((found > low) & (found < low + 1) for low in (3, 7))
    assert int(first.sum()) in (29, 30, 31)
    assert int(second.sum()) in (9, 10, 11)
    assert (found.diff() >= 0).all()


def test_that_even_weights_give_even_marks():
    picks = (torch.arange(5.0)[None] + 0.5) / 5
    torch.testing.assert_close(inverse(MARKS, torch.ones(1, 10), picks), 10 * picks, atol=1e-4, rtol=0)


def test_that_steps_that_do_not_count_are_never_chosen():
    marks = MARKS._replace(widths=torch.tensor([[1.0] * 4 + [0.0] * 6]))
    found = inverse(marks, torch.ones(1, 10), (torch.arange(16.0)[None] + 0.5) / 16)
    assert found.max() <= 4


def test_that_stretches_fill_the_way_to_where_the_ray_leaves():
    marks = stretches(torch.tensor([[2.0, 1.0, 4.0, 9.0]]), torch.tensor([[5.0]]))
    assert marks.times.tolist() == [[1, 2, 4, 9]]
    assert marks.widths.tolist() == [[1, 2, 1, 0]]


def test_that_places_are_encoded_by_octaves_of_pi():
    encoded = positional(torch.tensor([[0.25]]), 3)
    waves = [math.pi * 2**k * 0.25 for k in range(3)]
    torch.testing.assert_close(
        encoded[0], torch.tensor([0.25, *map(math.sin, waves), *map(math.cos, waves)]), atol=1e-6, rtol=1e-5
    )


def test_that_spherical_harmonics_are_orthonormal():
    torch.manual_seed(0)
    directions = torch.nn.functional.normalize(torch.randn(400_000, 3), dim=1)
    values = spherical(directions)
    torch.testing.assert_close(4 * math.pi * values.T @ values / len(values), torch.eye(16), atol=0.05, rtol=0)


def test_that_density_does_not_depend_on_direction_and_colour_does():
    torch.manual_seed(0)
    field = Perceptron(4, 16, 6)
    points = torch.rand(5, 3)
    _, features = field.density(points)
    one, other = (
        field.colour(points, features, torch.tensor([direction]).expand(5, -1)) for direction in ([0.0, 0, 1], [1.0, 0, 0])
    )
    assert not torch.allclose(one, other)
    assert field.layers[3].in_features == 16 + 3 * 9


def test_that_the_fine_look_has_the_coarse_marks_and_more_where_something_is():
    torch.manual_seed(0)
    model = NeRF(scene(8, 2, 8).signature, NeRFParams(samples=16, fine_samples=32, cells=8))
    model.coarse.density = lambda points: (torch.where(points[:, 0].abs() < 0.1, 500.0, 0.0), points.new_zeros(len(points), 32))
    across = Rays(torch.tensor([[3.0, 0.1, 0.1]]), torch.tensor([[-1.0, 0.0, 0.0]]))
    coarse, fine = model.looks(across, 16, jitter=False)
    assert coarse.weights.shape == (1, 16)
    assert fine.weights.shape == (1, 48)
    first = march(across, 16, 0.5)
    found = inverse(first, coarse.weights, (torch.arange(32.0)[None] + 0.5) / 32)
    assert float(((found - 3).abs() < 0.3).float().mean()) > 0.9
