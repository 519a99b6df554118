"""What holds for every flow: it is a bijection, its volume is the Jacobian's, and its density is right for each class."""

import math

import pytest
import torch
from studio_flow.cards.glow import GlowParams
from studio_flow.cards.maf import MAFParams
from studio_flow.cards.realnvp import RealNVPParams
from studio_flow.cards.spline import SplineParams
from studio_flow.glow import Glow
from studio_flow.maf import MAF
from studio_flow.normalizing_flow import MaximumLikelihood
from studio_flow.realnvp import RealNVP
from studio_flow.spline import Spline

from studio.api import Column, Image, Points, Signature, StudioError, Table
from studio.kit.insight import grid

METHODS = {
    "realnvp": (RealNVP, RealNVPParams(width=16)),
    "glow": (Glow, GlowParams(width=16)),
    "spline": (Spline, SplineParams(width=16, bins=5)),
    "maf": (MAF, MAFParams(width=24, layers=3)),
}
SPACES = {
    "points": Points(),
    "table": Table(columns=(Column(name="a"), Column(name="b"), Column(name="c", categories=("x", "y", "z")))),
    "image": Image(height=4, width=6, channels=1, levels=17),
}


def flow(method, space, classes=("a", "b")):
    """A flow away from its first, nearly linear state, in double precision."""
    torch.manual_seed(0)
    kind, params = METHODS[method]
    made = kind(Signature(space=space, classes=classes), params)
    with torch.no_grad():
        for weight in made.parameters():
            weight.add_(0.05 * torch.randn_like(weight))
    return made.double().eval()


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("method", METHODS)
def test_that_decoding_undoes_encoding_for_every_class(method, space):
    density = flow(method, SPACES[space]).averaged
    x, labels = torch.randn(9, *SPACES[space].shape).double(), torch.arange(9) % 3
    torch.testing.assert_close(density.decode(density.encode(x, labels), labels), x, atol=1e-6, rtol=0)


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("method", METHODS)
def test_that_the_change_of_volume_is_the_determinant_of_the_jacobian(method, space):
    density = flow(method, SPACES[space]).averaged
    x, label = torch.randn(1, *SPACES[space].shape).double(), torch.tensor([1])
    z = density.encode(x, label)
    jacobian = torch.autograd.functional.jacobian(lambda v: density.encode(v, label), x).reshape(z.shape[1], -1)
    normal = -0.5 * (z.square().sum() + z.shape[1] * math.log(2 * math.pi))
    expected = normal + torch.linalg.slogdet(jacobian).logabsdet
    torch.testing.assert_close(density(x, label)[0], expected, atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_that_each_class_and_any_class_is_a_density_of_its_own(method):
    density = flow(method, Points()).averaged
    places = grid(400, 12.0).double()
    densities = [density(places, torch.full((len(places),), label)).exp() for label in range(3)]
    for values in densities:
        torch.testing.assert_close(values.sum() * (24 / 399) ** 2, torch.tensor(1.0).double(), atol=5e-3, rtol=0)
    assert (densities[0] - densities[2]).abs().max() > 1e-3


@pytest.mark.parametrize("method", ["realnvp", "glow", "maf"])
def test_that_the_first_batch_comes_out_with_mean_zero_and_variance_one(method):
    torch.manual_seed(0)
    kind, params = METHODS[method]
    density = kind(Signature(space=Points()), params).density
    x = 3 * torch.randn(500, 2) + torch.tensor([7.0, -5.0])
    density.initialise(x, None)
    z = density.eval().encode(x).detach()
    torch.testing.assert_close(z.mean(0), torch.zeros(2), atol=0.05, rtol=0)
    assert z.var() == pytest.approx(1, abs=0.25)


def test_that_a_picture_with_an_odd_side_is_refused_in_words():
    with pytest.raises(StudioError, match="odd side"):
        Glow(Signature(space=Image(height=9, width=8, channels=1)), GlowParams())


def test_that_a_coupling_of_a_single_number_is_refused_in_words():
    with pytest.raises(StudioError, match="maf"):
        RealNVP(Signature(space=Points(dimensions=1)), RealNVPParams())


def test_that_the_learning_rate_rises_first_and_falls_to_zero():
    stage = MaximumLikelihood(flow("maf", Points()))

    class At:
        def __init__(self, step, fraction):
            self.stage_step, self.fraction = step, fraction

    rates = [stage.rate(At(step, step / 1000)) for step in (0, 49, 500, 1000)]
    assert rates[0] < rates[1] > rates[2] > rates[3] == pytest.approx(0)
