"""EDM's own mathematics: churn as in algorithm 2, the loss, and what its samplers keep."""

import pytest
import torch
from studio_diffusion.cards.edm import EDMParams
from studio_diffusion.edm import EDM

from studio.api import Image, Points, Signature
from studio.kit.denoiser import Denoiser
from studio.kit.sampler import given_tensors, sample
from studio.kit.source import Batch

PLANE = Signature(space=Points(dimensions=2))


def build(signature: Signature = PLANE, **params) -> EDM:
    torch.manual_seed(0)
    return EDM(signature, EDMParams(width=16, depth=1, **params)).eval()


@pytest.fixture
def float64():
    """Without rounding that the steps would enlarge."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


class Smooth(torch.nn.Module):
    """A denoiser that pulls towards the unit circle."""

    def forward(self, x, sigma, labels=None):
        return torch.tanh(x / (0.3 + sigma.reshape(-1, 1)))


def algorithm_2(edm, noises, intervals, s_churn, s_tmin, s_tmax, s_noise):
    """Karras et al., 2022, algorithm 2, line by line."""
    ramp = torch.arange(intervals).double() / (intervals - 1)
    t = torch.cat([(80 ** (1 / 7) + ramp * (0.002 ** (1 / 7) - 80 ** (1 / 7))) ** 7, torch.zeros(1)])
    x, used = t[0] * noises[0], 1
    denoise = lambda x, sigma: edm.average(x, sigma.expand(len(x)))  # noqa: E731
    for i in range(intervals):
        gamma = min(s_churn / intervals, 2**0.5 - 1) if s_tmin <= t[i] <= s_tmax else 0.0
        raised = t[i] * (1 + gamma)
        x = x + (raised**2 - t[i] ** 2).sqrt() * s_noise * noises[used]
        slope = (x - denoise(x, raised)) / raised
        ahead = x + (t[i + 1] - raised) * slope
        used += 1
        if t[i + 1] > 0:
            ahead = x + (t[i + 1] - raised) * (slope + (ahead - denoise(ahead, t[i + 1])) / t[i + 1]) / 2
            used += 1
        x = ahead
    return x


@pytest.mark.parametrize("intervals", [2, 5, 18])
@pytest.mark.parametrize(("s_churn", "s_tmin", "s_tmax", "s_noise"), [(0, 0, 50, 1), (10, 0, 100, 1), (40, 0.05, 50, 1.003)])
@pytest.mark.usefixtures("float64")
def test_that_stochastic_heun_is_algorithm_2(intervals, s_churn, s_tmin, s_tmax, s_noise):
    edm, steps = build(), 2 * intervals - 1
    edm.average = Smooth()
    noises = torch.randn(steps + 1, 4, 2, generator=torch.Generator().manual_seed(1)).double()
    sampler = edm.samplers()["sample"]
    churn = {"s_churn": s_churn, "s_tmin": s_tmin, "s_tmax": s_tmax, "s_noise": s_noise}
    given = given_tensors(sampler, {}, {"steps": steps, "solver": "heun", **churn}, torch.device("cpu"))
    carry = sampler.init(noises[0], given)
    for i in range(steps):
        carry = sampler.step(carry, torch.tensor(i), noises[i + 1], given)
    torch.testing.assert_close(sampler.finish(carry), algorithm_2(edm, noises, intervals, **churn), atol=1e-5, rtol=1e-5)


def test_that_the_loss_of_an_estimate_that_is_always_zero_is_the_weighted_size_of_the_data():
    edm, x = build(sigma_data=0.5, p_std=0.1, p_mean=0.0), torch.full((4096, 2), 0.5)
    edm.network.forward = lambda x, sigma, labels: torch.zeros_like(x)
    torch.manual_seed(0)
    assert float(edm.loss(Batch(x)).detach()) == pytest.approx((1 + 0.25) / 0.25 * 0.25, rel=0.02)


def test_that_an_edm_is_a_denoiser_with_averaged_weights():
    edm = build()
    assert isinstance(edm, Denoiser)
    x, sigma = torch.randn(3, 2), torch.tensor([0.01, 1.0, 80.0])
    torch.testing.assert_close(edm.denoise(x, sigma), edm.average(x, sigma))
    torch.testing.assert_close(edm.denoise(x[:1], torch.tensor([1e-6])), x[:1], atol=1e-4, rtol=0)


def test_that_inpainting_keeps_what_the_mask_leaves():
    edm = build(Signature(space=Image(height=8, width=8, channels=3)))
    picture, mask = torch.rand(2, 3, 8, 8) * 2 - 1, torch.zeros(2, 1, 8, 8)
    mask[:, :, 2:5] = 1
    for steps, resampling in ((6, 1), (7, 3), (3, 5)):
        controls = {"steps": steps, "resampling": resampling}
        made = sample(edm.samplers()["inpaint"], 2, 0, {"sample": picture, "mask": mask}, controls)
        kept = mask.expand_as(made) == 0
        assert torch.equal(made[kept], picture[kept])
        assert not torch.allclose(made[~kept], picture[~kept], atol=0.1)


def test_that_inpainting_fits_the_rest_to_what_is_kept():
    edm = build()
    edm.average = TwoPoints()
    given = torch.tensor([[1.0, 0.0], [-1.0, 0.0]]).repeat(32, 1)
    mask = torch.tensor([[-1.0, 1.0]]).expand(64, 2)
    made = sample(edm.samplers()["inpaint"], 64, 0, {"sample": given, "mask": mask}, {"steps": 80})
    assert ((made[:, 0] - made[:, 1]).abs() < 0.2).float().mean() > 0.95


class TwoPoints(torch.nn.Module):
    """The exact denoiser of data that is (1, 1) or (-1, -1)."""

    def forward(self, x, sigma, labels=None):
        return torch.tanh(x.sum(1) / sigma**2)[:, None].expand_as(x)


def test_that_image_to_image_changes_more_with_more_strength():
    edm, given = build(sigma_data=1.0), torch.randn(64, 2)
    edm.average = Smooth()

    def change(strength: float) -> float:
        made = sample(edm.samplers()["image_to_image"], 64, 0, {"sample": given}, {"steps": 11, "strength": strength})
        return float((made - given.tanh()).square().mean())

    assert change(0.05) < change(0.4) < change(1.0)
    full = sample(edm.samplers()["image_to_image"], 64, 0, {"sample": 0 * given}, {"steps": 11, "strength": 1.0})
    plain = sample(edm.samplers()["sample"], 64, 0, {}, {"steps": 11})
    torch.testing.assert_close(full, plain)
