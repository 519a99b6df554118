"""The hash grid's own mathematics."""

import torch
from studio_nerf.hash_grid import PRIMES, HashEncoding

from studio.engine.datasets.analytic_scene import scene


def encoding(levels: int = 4, rows: int = 2**9) -> HashEncoding:
    torch.manual_seed(0)
    return HashEncoding(levels, rows, 2, 4, 32)


def test_that_corners_of_coarse_levels_have_rows_of_their_own():
    grid = encoding()
    assert grid.cells.flatten().tolist() == [4, 8, 16, 32]
    assert grid.counted == 1
    axis = torch.arange(4)
    low = torch.cartesian_prod(axis, axis, axis)[:, None].expand(-1, 4, -1)
    rows = grid.rows_of(low)[:, 0]
    corner = torch.tensor([[i, j, k] for i in (0, 1) for j in (0, 1) for k in (0, 1)])
    places = (low[:, 0, None] + corner).reshape(-1, 3)
    assert len(rows.unique()) == len(places.unique(dim=0)) == 5**3


def test_that_fine_levels_are_hashed_as_the_paper_says():
    grid = encoding()
    rows = grid.rows_of(torch.tensor([[[3, 5, 7]] * 4]))[0, 3]
    for i in (0, 1):
        for j in (0, 1):
            for k in (0, 1):
                expected = ((3 + i) * PRIMES[0] ^ (5 + j) * PRIMES[1] ^ (7 + k) * PRIMES[2]) % 2**9
                assert int(rows[i, j, k]) == 3 * 2**9 + expected


def test_that_features_are_interpolated_without_a_jump_and_equal_the_table_at_corners():
    grid = encoding()
    with torch.no_grad():
        grid.table.normal_()
    line = torch.stack([torch.linspace(-1, 1, 20_001), torch.full((20_001,), 0.2), torch.full((20_001,), -0.7)], dim=1)
    assert grid(line).diff(dim=0).abs().max() < 0.05
    corner = torch.tensor([[1, 2, 3]]) / 2 - 1
    torch.testing.assert_close(grid(corner)[0, :2], grid.table[(1 * 5 + 2) * 5 + 3])


def test_that_the_gradient_reaches_only_the_rows_that_were_looked_up():
    grid = encoding()
    grid(torch.rand(3, 3) * 2 - 1).sum().backward()
    assert grid.table.grad is not None
    touched = (grid.table.grad != 0).any(1)
    assert 8 <= int(touched.sum()) <= 3 * 4 * 8


def test_that_a_field_starts_nearly_empty_and_its_colours_are_in_range():
    from studio_nerf.cards.hash_grid import HashGridParams
    from studio_nerf.hash_grid import HashGrid

    torch.manual_seed(0)
    model = HashGrid(scene(8, 2, 8).signature, HashGridParams(levels=3, table_size=8, finest=16, cells=4))
    points = torch.rand(100, 3) * 2 - 1
    density, features = model.field.density(points)
    assert (density < 0.5).all()
    colours = model.field.colour(points, features, torch.nn.functional.normalize(points, dim=1))
    assert ((colours > 0) & (colours < 1)).all()
