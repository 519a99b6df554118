"""Densities of discrete data."""

import math

import torch

from studio.api import Column, Image, Points, Table
from studio.kit.dequantize import bits_per_dim, cells, dequantize, spread_of

PICTURE = Image(height=2, width=3, channels=1, levels=5)
TABLE = Table(columns=(Column(name="a"), Column(name="b", categories=("x", "y", "z"))))


def test_that_the_cells_of_neighbouring_levels_touch_and_do_not_overlap():
    levels = torch.linspace(-1, 1, 5)
    ends = torch.tensor([0.0, 1.0])
    spread = dequantize(levels[:, None].expand(5, 2), ends.expand(5, 2), cells(PICTURE))
    torch.testing.assert_close(spread[:-1, 1], spread[1:, 0])


def test_that_a_dequantised_category_is_still_the_largest_of_its_numbers_and_numeric_columns_stay():
    torch.manual_seed(0)
    rows = torch.cat([torch.randn(999, 1), torch.eye(3).repeat(333, 1)], dim=1)
    spread = dequantize(rows, torch.rand_like(rows), cells(TABLE))
    assert torch.equal(spread[:, 1:].argmax(1), rows[:, 1:].argmax(1))
    assert torch.equal(spread[:, 0], rows[:, 0])
    assert spread[:, 1:].std() > 0.3


def test_that_a_uniform_density_over_all_cells_needs_the_bits_of_all_levels():
    volume = (5 * 2 / 4) ** 6
    log_prob = torch.full((1,), -math.log(volume))
    torch.testing.assert_close(bits_per_dim(log_prob, PICTURE), torch.full((1,), math.log2(5)))


def test_that_only_discrete_spaces_draw_noise():
    assert spread_of(Points()) is None
    assert spread_of(Table(columns=(Column(name="a"),))) is None
    assert spread_of(PICTURE).shape == (1, 2, 3)
    assert spread_of(TABLE).law == "uniform"
