"""StyleGAN's own mathematics."""

import pytest
import torch
from studio_gan.augmentation import AdaptiveAugmentation
from studio_gan.cards.stylegan import StyleGANParams
from studio_gan.regularisation import path_lengths
from studio_gan.style_critic import with_deviation
from studio_gan.style_generator import Mapping, Modulated
from studio_gan.stylegan import StyleGAN
from torch.nn import functional as F

from studio.api import Image, Signature

PICTURES = Signature(space=Image(height=8, width=8, channels=1), classes=("a", "b"))


@pytest.fixture
def gan() -> StyleGAN:
    torch.manual_seed(0)
    gan = StyleGAN(PICTURES, StyleGANParams(latent=4, style=6, width=8))
    for network in (gan.generator, gan.average.network):
        torch.nn.init.normal_(network.mapping.means)
        for block in network.synthesis.blocks:
            block.first.strength.data.fill_(0.5)
    return gan.eval()


def _make(gan: StyleGAN, noise: torch.Tensor, **controls: float) -> torch.Tensor:
    sampler = gan.samplers()["sample"]
    given = {"truncation": 1.0, "mixing": 0.0, "noise_strength": 1.0} | controls
    tensors = {name: torch.tensor(value) for name, value in given.items()}
    with torch.no_grad():
        return sampler.make(noise, tensors | {"label": torch.arange(len(noise)) % 2})


def _noise(gan: StyleGAN, n: int = 6) -> torch.Tensor:
    return torch.randn(n, *gan.samplers()["sample"].plan.initial.shape)


def test_that_scaling_the_data_equals_modulating_and_demodulating_the_weights_of_each_sample():
    torch.manual_seed(0)
    layer, x, style = Modulated(5, 7, 3, 4), torch.randn(3, 5, 6, 6), torch.randn(3, 4)
    weight = layer.weight * layer.gain * layer.style(style)[:, None, :, None, None]
    weight = weight / (weight.square().sum((2, 3, 4), keepdim=True) + 1e-8).sqrt()
    grouped = F.conv2d(x.reshape(1, 15, 6, 6), weight.reshape(21, 5, 3, 3), padding=1, groups=3).reshape(3, 7, 6, 6)
    torch.testing.assert_close(layer(x, style), grouped, atol=1e-5, rtol=1e-4)


def test_that_truncation_to_nothing_leaves_one_picture_for_each_class(gan: StyleGAN):
    made = _make(gan, _noise(gan), truncation=0.0, noise_strength=0.0)
    torch.testing.assert_close(made[::2], made[:1].expand(3, -1, -1, -1))
    torch.testing.assert_close(made[1::2], made[1:2].expand(3, -1, -1, -1))
    assert not torch.allclose(made[0], made[1])
    assert _make(gan, _noise(gan), noise_strength=0.0)[::2].std(0).max() > 1e-3


def test_that_full_mixing_is_the_second_sample_and_none_the_first(gan: StyleGAN):
    noise, pixels = _noise(gan), gan.generator.synthesis.pixels
    other = noise.clone()
    other[:, pixels + 4 : pixels + 8] = noise[:, pixels : pixels + 4]
    torch.testing.assert_close(_make(gan, noise, mixing=1.0), _make(gan, other, mixing=0.0))
    half, none = _make(gan, noise, mixing=0.5), _make(gan, noise)
    assert not torch.allclose(half, none)
    assert not torch.allclose(half, _make(gan, noise, mixing=1.0))


def test_that_the_noise_of_the_layers_moves_the_picture_only_where_it_has_strength(gan: StyleGAN):
    noise = _noise(gan)
    other = noise.clone()
    other[:, : gan.generator.synthesis.pixels] = torch.randn(6, gan.generator.synthesis.pixels)
    torch.testing.assert_close(_make(gan, noise, noise_strength=0.0), _make(gan, other, noise_strength=0.0))
    assert not torch.allclose(_make(gan, noise), _make(gan, other))


def test_that_the_mean_style_of_each_class_follows_that_class_alone():
    mapping = Mapping(3, 2, 1, classes=3)
    styles = torch.tensor([[1.0, 0.0], [3.0, 0.0], [0.0, 8.0]])
    for _ in range(200):
        mapping.track(styles, torch.tensor([0, 0, 2]), 0.9)
    torch.testing.assert_close(mapping.means, torch.tensor([[2.0, 0.0], [0.0, 0.0], [0.0, 8.0]]))


def test_that_augmentation_grows_while_the_discriminator_is_sure_and_shrinks_afterwards():
    augmentation = AdaptiveAugmentation(target=0.6, images=100)
    for _ in range(4):
        augmentation.observe(torch.ones(5, 1))
    assert float(augmentation.probability) == pytest.approx(0.2)
    for _ in range(8):
        augmentation.observe(torch.cat([torch.ones(3, 1), -torch.ones(2, 1)]))
    assert float(augmentation.probability) == 0.0


def test_that_unlikely_augmentation_leaves_pictures_alone_and_certain_augmentation_does_not():
    torch.manual_seed(0)
    augmentation, x = AdaptiveAugmentation(0.6, 100), torch.rand(4, 3, 9, 9)
    torch.testing.assert_close(augmentation.recoloured(augmentation.moved(x)), x, atol=1e-5, rtol=1e-5)
    augmentation.probability.fill_(1.0)
    assert (augmentation(x) - x).abs().mean() > 0.05


def test_that_a_checkpoint_holds_the_state_of_augmentation_and_path_length(gan: StyleGAN):
    assert {"augmentation.probability", "augmentation.signs", "augmentation.seen", "path_length"} <= set(gan.state_dict())


def test_that_path_lengths_scale_with_the_map_from_styles_to_samples():
    styles, map_ = torch.randn(4, 3, 5, requires_grad=True), torch.randn(15, 2 * 6 * 6)
    lengths = []
    for scale in (1.0, 3.0):
        torch.manual_seed(0)
        lengths.append(path_lengths((styles.flatten(1) @ map_ * scale).reshape(4, 2, 6, 6), styles).detach())
    torch.testing.assert_close(lengths[1], 3 * lengths[0])


def test_that_the_discriminator_sees_whether_a_batch_is_all_alike():
    alike, varied = torch.ones(4, 2, 3, 3), torch.randn(4, 2, 3, 3)
    assert float(with_deviation(alike)[:, -1].max()) < 1e-3
    assert float(with_deviation(varied)[:, -1].min()) > 0.5
