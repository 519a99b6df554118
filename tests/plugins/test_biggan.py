"""BigGAN's own mathematics."""

import pytest
import torch
from scipy.stats import truncnorm
from studio_gan.biggan import DRAWS, BigGAN, truncated
from studio_gan.biggan_networks import ConditionalNorm
from studio_gan.cards.biggan import BigGANParams
from studio_gan.regularisation import orthogonality_penalty
from torch import nn

from studio.api import Image, Signature


@pytest.fixture
def gan() -> BigGAN:
    torch.manual_seed(0)
    return BigGAN(Signature(space=Image(height=8, width=8, channels=1), classes=("a", "b")), BigGANParams(latent=8, width=8))


@pytest.mark.parametrize("threshold", [0.05, 0.5, 1.0, 3.0])
def test_that_truncated_latents_have_the_spread_of_a_truncated_normal_distribution(threshold: float):
    torch.manual_seed(0)
    z = truncated(torch.randn(20_000, DRAWS, 2), torch.tensor(threshold))
    assert z.abs().max() <= threshold
    assert float(z.std()) == pytest.approx(truncnorm(-threshold, threshold).std(), rel=0.02)


def test_that_the_orthogonality_penalty_leaves_lengths_free_and_punishes_angles():
    layer = nn.Linear(2, 2, bias=False)
    layer.weight.data = torch.tensor([[3.0, 0.0], [0.0, 5.0]])
    assert orthogonality_penalty(layer).item() == 0.0
    layer.weight.data = torch.tensor([[3.0, 0.0], [2.0, 5.0]])
    assert orthogonality_penalty(layer).item() == pytest.approx(2 * 6.0**2)


def test_that_a_condition_decides_gain_and_bias_after_normalisation():
    norm = ConditionalNorm(3, 2).train()
    norm.gain.weight.data = torch.tensor([[1.0, 0.0]] * 3)
    norm.bias.weight.data = torch.tensor([[0.0, 7.0]] * 3)
    condition = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    x = torch.randn(4, 3, 5, 5)
    plain = nn.functional.batch_norm(x, None, None, training=True)
    torch.testing.assert_close(norm(x, condition), torch.cat([2 * plain[:2], plain[2:] + 7]))


def test_that_the_average_keeps_batch_statistics_of_its_own(gan: BigGAN):
    average = gan.average
    for norm in (module for module in gan.generator.modules() if isinstance(module, nn.BatchNorm2d)):
        norm.running_mean.fill_(100.0)
    before = [buffer.clone() for buffer in average.statistics()]
    average.update(gan.generator)
    assert all(torch.equal(now, then) for now, then in zip(average.statistics(), before, strict=True))
    average.settle(torch.randn(16, gan.latent), torch.arange(16) % 2)
    assert not any(torch.equal(now, then) for now, then in zip(average.statistics(), before, strict=True))


def test_that_settled_statistics_make_a_batch_look_alike_in_training_and_evaluation(gan: BigGAN):
    gan.average.update(gan.generator)
    z, labels = torch.randn(64, gan.latent), torch.arange(64) % 2
    for _ in range(60):
        gan.average.settle(z, labels)
    gan.eval()
    at_rest = gan.average(z, labels)
    for module in gan.average.network.modules():
        module.training = isinstance(module, nn.BatchNorm2d)
    assert (gan.average(z, labels) - at_rest).abs().max() < 0.05


def test_that_every_layer_of_both_networks_is_under_spectral_norm(gan: BigGAN):
    layers = [m for m in gan.modules() if isinstance(m, nn.Conv2d | nn.Linear)] + [gan.critic.score.label]
    assert layers
    assert all(nn.utils.parametrize.is_parametrized(layer, "weight") for layer in layers)


def test_that_the_last_part_of_the_latent_reaches_only_the_last_block(gan: BigGAN):
    seen: list[torch.Tensor] = []
    first, last = gan.generator.blocks[0], gan.generator.blocks[-1]
    assert first is last
    gan.generator.first.register_forward_hook(lambda module, given, made: seen.append(made))
    gan.eval()
    z, labels = torch.randn(1, gan.latent), torch.zeros(1, dtype=torch.int64)
    other = z.clone()
    other[:, -gan.generator.part :] += 1
    pictures = [gan.generator(latent, labels) for latent in (z, other)]
    assert torch.equal(seen[0], seen[1])
    assert not torch.equal(pictures[0], pictures[1])
