"""Flow matching's own mathematics."""

import torch
from studio_flow_matching.cards.flow_matching import FlowMatchingParams
from studio_flow_matching.flow_matching import FlowMatching, GaussianPaths
from studio_flow_matching.matching import forget, keyed
from torch import nn

from studio.api import Points, Signature
from studio.kit.denoiser import Denoiser
from studio.kit.ode import solve
from studio.kit.sampler import sample

PLANE = Signature(space=Points(dimensions=2))
CLASSES = Signature(space=Points(dimensions=2), classes=("a", "b"))


class Towards(nn.Module):
    """The exact velocity where all of the data is one point: (point - x) / (1 - t)."""

    def __init__(self, point):
        super().__init__()
        self.point = point

    def forward(self, x, time, labels=None):
        return (self.point - x) / (1 - time[:, None] / 1000).clamp(min=1e-6)


def flow(signature=PLANE, **params):
    torch.manual_seed(0)
    return FlowMatching(signature, FlowMatchingParams(width=8, **params)).eval()


def test_that_the_paths_velocity_is_its_derivative_and_its_ends_are_noise_and_a_narrow_gaussian():
    stage = GaussianPaths(flow(sigma_min=0.1))
    start, end = torch.randn(5, 2, dtype=torch.float64), torch.randn(5, 2, dtype=torch.float64)
    h, time = 1e-6, torch.full((5, 1), 0.4, dtype=torch.float64)
    (before, velocity), (after, _) = stage.path(start, end, time - h), stage.path(start, end, time + h)
    torch.testing.assert_close((after - before) / (2 * h), stage.path(start, end, time)[1])
    torch.testing.assert_close(velocity, stage.path(start, end, time)[1])
    torch.testing.assert_close(stage.path(start, end, time * 0)[0], start)
    torch.testing.assert_close(stage.path(start, end, time * 0 + 1)[0], end + 0.1 * start)


def test_that_samples_reach_the_only_data_point_and_are_encoded_back():
    model = flow()
    model.average = Towards(torch.tensor([1.0, -2.0]))
    made = sample(model.samplers()["sample"], 6, controls={"steps": 7, "solver": "euler"})
    torch.testing.assert_close(made, torch.tensor([1.0, -2.0]).expand(6, 2))


def test_that_encoding_undoes_sampling():
    model = flow()
    most = {"steps": 100, "solver": "rk4"}
    x = torch.randn(6, 2)
    noise = sample(model.samplers()["encode"], 6, inputs={"sample": x}, controls=most)
    assert not torch.allclose(noise, x, atol=0.01)
    torch.testing.assert_close(solve(model.velocity, noise, 100), x, atol=1e-4, rtol=1e-4)


class OfNormalData(nn.Module):
    """The exact velocity where data, too, is standard normal."""

    def forward(self, x, time, labels=None):
        t = time[:, None] / 1000
        return (2 * t - 1) / (t**2 + (1 - t) ** 2) * x


def test_that_it_denoises_normal_data_to_its_posterior_mean():
    model = flow()
    model.average = OfNormalData()
    assert isinstance(model, Denoiser)
    sigma, noisy = torch.tensor([0.01, 0.5, 3.0, 80.0]), torch.randn(4, 2)
    torch.testing.assert_close(model.denoise(noisy, sigma), noisy / (1 + sigma[:, None] ** 2), atol=1e-5, rtol=1e-3)


def test_that_guidance_of_one_is_the_class_alone_and_of_zero_is_no_class():
    model = flow(CLASSES)
    x, time, labels = torch.randn(4, 2), torch.tensor(0.3), torch.tensor([0, 1, 0, 1])

    def guided(scale):
        return model.samplers()["sample"].guided(x, time, {"label": labels, "guidance_scale": torch.tensor(scale)})

    torch.testing.assert_close(guided(1.0), model.velocity(x, time, labels))
    torch.testing.assert_close(guided(0.0), model.velocity(x, time, torch.full((4,), 2)))


def test_that_a_tenth_of_the_classes_is_not_told_and_the_same_ones_again():
    labels = torch.arange(10_000) % 2
    told = forget(labels, 2, keyed(0, 5, torch.device("cpu")))
    assert 0.08 < (told == 2).float().mean() < 0.12
    assert torch.equal(told[told < 2], labels[told < 2])
    assert torch.equal(told, forget(labels, 2, keyed(0, 5, torch.device("cpu"))))
    assert not torch.equal(told, forget(labels, 2, keyed(0, 6, torch.device("cpu"))))
