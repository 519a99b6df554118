"""WGAN-GP's own mathematics."""

import pytest
import torch
from studio_gan.cards.wgan_gp import WGANGPParams
from studio_gan.regularisation import slope_penalty
from studio_gan.wgan_gp import WGANGP, Wasserstein

from studio.api import Points, Signature
from studio.kit.source import Batch
from studio.kit.training import Settings, Training


class Slope(torch.nn.Module):
    """A linear critic."""

    def __init__(self, slope: float) -> None:
        super().__init__()
        self.slope = slope

    def forward(self, x, labels=None):
        return self.slope * x[:, :1]


class Silent:
    """A recorder that keeps nothing."""

    def report(self, event): ...
    def save(self, step, tensors, facts): ...
    def preview(self, step, samples): ...


def _stage(**params) -> tuple[WGANGP, Wasserstein, Training]:
    torch.manual_seed(0)
    gan = WGANGP(Signature(space=Points(dimensions=2)), WGANGPParams(latent=2, **params))
    return gan, Wasserstein(gan), Training(Settings(steps=1000), Silent())


def test_that_the_penalty_is_the_squared_distance_of_the_slope_from_one():
    real, fake = torch.randn(5, 2), torch.randn(5, 2)
    torch.testing.assert_close(slope_penalty(Slope(1.0), real, fake, None), torch.tensor(0.0))
    torch.testing.assert_close(slope_penalty(Slope(-3.0), real, fake, None), torch.tensor(4.0))


def test_that_the_generator_learns_once_in_five_steps():
    _, stage, training = _stage(width=8)
    state, taught = stage.setup(training), []
    for step in range(10):
        training.stage_step = step
        taught.append("generator_loss" in stage.step(state, Batch(torch.randn(4, 2)), training))
    assert taught == [step % 5 == 0 for step in range(10)]


def test_that_the_gap_becomes_the_distance_between_two_points_and_what_the_penalty_lets_pass():
    _, stage, training = _stage(width=32, learning_rate=3e-4)
    optimizer, distance = stage.setup(training).critic, 1.5
    real, fake = 0.01 * torch.randn(64, 2) + torch.tensor([0.9, 1.2]), 0.01 * torch.randn(64, 2)
    for _ in range(240):
        loss, gap = stage.critic_loss(real, fake, None, training)
        training.update(loss, optimizer)
    assert gap.item() == pytest.approx(distance * (1 + distance / (2 * 10.0)), abs=0.06)
