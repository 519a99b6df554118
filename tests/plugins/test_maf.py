"""MAF's own mathematics."""

import pytest
import torch
from studio_flow.cards.maf import MAFParams
from studio_flow.maf import MAF, AutoregressiveLayers

from studio.api import Points, Signature
from studio.api.noise import NoiseStream
from studio.api.sampler import Noise
from studio.kit.sampler import sample


@pytest.mark.parametrize(("dimensions", "width", "depth"), [(2, 16, 1), (5, 32, 2), (7, 9, 3)])
def test_that_a_mean_and_a_scale_depend_on_the_numbers_before_alone_and_on_all_of_them(dimensions, width, depth):
    torch.manual_seed(0)
    layers = AutoregressiveLayers(dimensions, 2, width, depth, 0)
    torch.nn.init.normal_(layers.last.weight)
    for part in (0, 1):
        slope = torch.autograd.functional.jacobian(
            lambda x, part=part: layers.mean_and_scale(x, 1, None)[part].sum(0), torch.randn(4, dimensions)
        )
        depends = slope.abs().sum(1) > 0
        assert torch.equal(depends, torch.ones(dimensions, dimensions, dtype=torch.bool).tril(-1))


def test_that_sampling_inverts_the_layers_number_by_number_from_the_last():
    torch.manual_seed(0)
    maf = MAF(Signature(space=Points(dimensions=4)), MAFParams(width=24, layers=3)).eval()
    with torch.no_grad():
        for weight in maf.parameters():
            weight.add_(0.1 * torch.randn_like(weight))
    sampler = maf.samplers()["sample"]
    assert sampler.plan.steps == 3 * 4
    samples = sample(sampler, 6, 3, controls={"temperature": 0.5})
    noise = torch.from_numpy(NoiseStream(3, 6).draw(Noise(shape=(4,))))
    torch.testing.assert_close(maf.averaged.encode(samples), 0.5 * noise, atol=1e-4, rtol=0)
    assert not torch.allclose(samples, 0.5 * noise, atol=1e-2)
