"""R3GAN's own mathematics."""

import pytest
import torch
from studio_gan.cards.r3gan import R3GANParams
from studio_gan.r3gan import R3GAN, Relativistic
from studio_gan.resnext import Bottleneck, ResNeXtCritic, ResNeXtGenerator
from torch import nn

from studio.api import Image, Points, Signature
from studio.kit.training import Settings, Training


class Silent:
    """A recorder that keeps nothing."""

    def report(self, event): ...
    def save(self, step, tensors, facts): ...
    def preview(self, step, samples): ...


class Raised(nn.Module):
    """A critic whose scores are all higher by one number."""

    def __init__(self, critic: nn.Module, by: float) -> None:
        super().__init__()
        self.critic, self.by = critic, by

    def forward(self, x, labels=None):
        return self.critic(x, labels) + self.by


def _stage(**params) -> tuple[R3GAN, Relativistic, Training]:
    torch.manual_seed(0)
    gan = R3GAN(Signature(space=Points(dimensions=2)), R3GANParams(latent=2, width=8, **params))
    return gan, Relativistic(gan), Training(Settings(steps=100), Silent())


def test_that_only_the_difference_of_scores_in_a_pair_matters():
    gan, stage, training = _stage()
    real, fake, critic = torch.randn(6, 2), torch.randn(6, 2), gan.critic
    losses = []
    for by in (0.0, 5.0):
        gan.critic = Raised(critic, by)
        losses.append((stage.critic_loss(real, fake, None, training)[0], stage.generator_loss(real, fake, None, training)))
    torch.testing.assert_close(losses[0], losses[1])


def test_that_both_gradients_are_punished():
    gan, stage, training = _stage(penalty=3.0)
    gan.critic = _Parabola()
    real, fake = torch.ones(4, 2), 2 * torch.ones(4, 2)
    loss, gap = stage.critic_loss(real, fake, None, training)
    plain = nn.functional.softplus(-gap)
    torch.testing.assert_close(loss - plain, torch.tensor(0.5 * 3.0 * (8.0 + 32.0)))


class _Parabola(nn.Module):
    def forward(self, x, labels=None):
        return x.square().sum(1, keepdim=True)


@pytest.mark.parametrize(("step", "penalty", "fade"), [(0, 1.0, 1.0), (50, 0.1, 0.55), (100, 0.01, 0.1)])
def test_that_penalty_and_learning_rate_fall_along_a_cosine(step: int, penalty: float, fade: float):
    _, stage, training = _stage(penalty=1.0, penalty_end=0.01, rate_end=0.1)
    training.stage_steps, training.stage_step = 100, step
    assert stage.penalty(training) == pytest.approx(penalty)
    assert stage.fade(training) == pytest.approx(fade)


def test_that_a_fresh_bottleneck_passes_its_input_on():
    x = torch.randn(2, 24, 5, 5)
    assert torch.equal(Bottleneck(24, 4)(x), x)


def test_that_neither_network_normalises():
    space = Image(height=8, width=8, channels=1)
    modules = [*ResNeXtGenerator(space, 4, 8, 1, 3).modules(), *ResNeXtCritic(space, 8, 1, 3).modules()]
    assert not any(isinstance(module, nn.GroupNorm | nn.BatchNorm2d | nn.LayerNorm) for module in modules)
