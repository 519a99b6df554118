"""The spline's own mathematics."""

import torch
from studio_flow.rational_quadratic import RationalQuadratic
from studio_flow.spline import Marginals

from studio.api import Image
from studio.kit.dequantize import cells, dequantize

SPLINE = RationalQuadratic(6, 3.0)


def curves(n=1):
    torch.manual_seed(0)
    return 2 * torch.randn(n, SPLINE.count)


def test_that_zero_parameters_are_the_identity():
    x = torch.linspace(-5, 5, 101)
    y, log_slope = SPLINE(x, torch.zeros(101, SPLINE.count))
    torch.testing.assert_close(y, x, atol=1e-6, rtol=0)
    torch.testing.assert_close(log_slope, torch.zeros(101), atol=1e-5, rtol=0)


def test_that_a_spline_rises_everywhere_and_is_the_identity_outside_its_bound():
    x = torch.linspace(-4, 4, 4001)
    y, log_slope = SPLINE(x, curves().expand(4001, -1))
    assert (y.diff() > 0).all()
    outside = x.abs() > 3
    assert torch.equal(y[outside], x[outside])
    assert (log_slope[outside] == 0).all()


def test_that_the_slope_is_the_derivative():
    x = torch.linspace(-2.9, 2.9, 50, dtype=torch.float64, requires_grad=True)
    y, log_slope = SPLINE(x, curves().double().expand(50, -1))
    torch.testing.assert_close(torch.autograd.grad(y.sum(), x)[0], log_slope.exp())


def test_that_the_inverse_finds_what_was_bent():
    parameters = curves(500).double()
    x = 2 * torch.randn(500, dtype=torch.float64)
    torch.testing.assert_close(SPLINE.inverse(SPLINE(x, parameters)[0], parameters), x, atol=1e-9, rtol=0)


def test_that_parameters_of_a_batch_make_its_numbers_about_normal():
    torch.manual_seed(0)
    x = (0.5 * torch.randn(4000, 1)).exp() - 1
    spline = RationalQuadratic(16, 3.0)
    y, _ = spline(x, spline.equalised(x)[None])
    quantiles = torch.quantile(y[:, 0], torch.tensor([0.16, 0.5, 0.84])) / (3.0 / 4)
    torch.testing.assert_close(quantiles, torch.tensor([-1.0, 0.0, 1.0]), atol=0.12, rtol=0)


def test_that_the_first_batch_gives_rare_levels_of_a_pixel_little_density():
    torch.manual_seed(0)
    space = Image(height=1, width=1, channels=1, levels=5)
    levels = torch.tensor([-1.0] * 90 + [1.0] * 10)[:, None, None, None]
    marginals = Marginals(space.shape, RationalQuadratic(5, 1 + 1 / 4))
    marginals.initialise(dequantize(levels, torch.rand_like(levels), cells(space)), None)
    places = torch.linspace(-1.2, 1.2, 481)[:, None, None, None]
    z, log_slope = marginals(places, None)
    density = (log_slope - 0.5 * (z.flatten() / (1.25 / 4)) ** 2).exp()
    common, never = density[places.flatten() < -0.75].mean(), density[places.flatten().abs() < 0.25].mean()
    assert common > 10 * never
