"""The KL autoencoder's own mathematics."""

import numpy as np
import pytest
import torch
from studio_vae.cards.kl_autoencoder import KLAutoencoderParams
from studio_vae.kl_autoencoder import KLAutoencoder

from studio.api import Dataset, Image, Signature, StudioError
from studio.kit.autoencoder import Autoencoder
from studio.kit.kl_coder import psnr
from studio.kit.source import Source
from studio.kit.training import Fit, Settings

PARAMS = KLAutoencoderParams(width=16, latent_channels=4, halvings=1)
SIGNATURE = Signature(space=Image(height=8, width=8, channels=1))


class Silent:
    def report(self, event): ...
    def save(self, step, tensors, facts): ...
    def preview(self, step, samples, insights): ...


def test_that_latents_have_unit_variance_and_pictures_survive_after_training():
    torch.manual_seed(0)
    ramp = np.linspace(-0.8, 0.8, 8, dtype=np.float32)
    tilts = np.random.default_rng(0).standard_normal((256, 2, 1)).astype(np.float32) / 2
    pictures = np.tanh(tilts[:, :1] * ramp + (tilts[:, 1:] * ramp).transpose(0, 2, 1))[:, None]
    model = KLAutoencoder(SIGNATURE, PARAMS)
    settings = Settings(steps=150, batch_size=32, preview_every=1e9, checkpoint_every=1e9, previews=1)
    Fit(model, Source(Dataset(SIGNATURE, pictures, pictures[:64]), 32, 0, settings.device), settings, Silent()).run()
    model.eval()
    x = torch.from_numpy(pictures)
    with torch.no_grad():
        latents = model.encode(x)
        error = (model.decode(latents) - x).square().mean()
    assert latents.shape[1:] == model.latent_shape == (4, 4, 4)
    assert abs(float(latents.square().mean().sqrt()) - 1) < 0.1
    assert psnr(error) > 22
    assert isinstance(model, Autoencoder)


def test_that_sides_that_cannot_be_halved_are_refused_by_name():
    with pytest.raises(StudioError, match="halvings"):
        KLAutoencoder(Signature(space=Image(height=28, width=28, channels=1)), KLAutoencoderParams(halvings=3))


def test_that_psnr_is_against_the_whole_range_of_a_pixel():
    torch.testing.assert_close(psnr(torch.tensor(0.04)), torch.tensor(20.0))
