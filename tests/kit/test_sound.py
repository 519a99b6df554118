"""Spectrograms and back, and picture methods that learn sounds."""

import numpy as np
import pytest
import torch

from studio.api import Audio, StudioError
from studio.engine.plugins.discover import discover
from studio.engine.training.laws import check
from studio.engine.training.making import make
from studio.engine.training.toys import audio, image
from studio.kit.sampler import sample
from studio.kit.sound import SoundGenerator
from studio.kit.spectrogram import Spectrogram, mel_bank

SPACE = Audio(rate=8000, length=4096)


def tone(hertz: float) -> torch.Tensor:
    return (0.5 * torch.sin(2 * torch.pi * hertz * torch.arange(4096) / 8000))[None, None]


def loudest(wave: torch.Tensor) -> float:
    return float(torch.fft.rfft(wave.flatten()).abs().argmax()) * 8000 / 4096


@pytest.mark.parametrize("hertz", [220.0, 440.0, 1000.0, 3000.0])
def test_that_a_tone_comes_back_at_its_pitch_and_about_its_loudness(hertz: float) -> None:
    spectrogram = Spectrogram(SPACE)
    back = spectrogram.inverse(spectrogram(tone(hertz)))
    assert loudest(back) == pytest.approx(hertz, abs=32)
    assert float(back.square().mean()) == pytest.approx(float(tone(hertz).square().mean()), rel=0.5)


def test_that_silence_is_minus_one_and_stays_silent() -> None:
    spectrogram = Spectrogram(SPACE)
    picture = spectrogram(torch.zeros(2, 1, 4096))
    assert picture.shape == (2, *spectrogram.space.shape)
    assert torch.allclose(picture, torch.tensor(-1.0))
    assert float(spectrogram.inverse(picture).abs().max()) < 1e-3


def test_that_a_picture_far_outside_its_range_gives_no_more_than_a_full_scale_sound() -> None:
    wave = Spectrogram(SPACE).inverse(torch.randn(2, 4, 32, 32) * 50)
    assert bool(wave.isfinite().all())
    assert float(wave.abs().max()) <= 1


def test_that_a_last_digit_of_a_picture_stays_a_last_digit_of_the_sound() -> None:
    spectrogram = Spectrogram(SPACE)
    picture = spectrogram(tone(300) + tone(1100))
    other = picture + 1e-6 * torch.randn(picture.shape, generator=torch.Generator().manual_seed(0))
    assert float((spectrogram.inverse(picture) - spectrogram.inverse(other)).abs().max()) < 1e-4


@pytest.mark.parametrize(("rate", "length"), [(8000, 256), (16000, 10_001), (44100, 22_050), (100, 1)])
def test_that_any_rate_and_length_fits(rate: int, length: int) -> None:
    spectrogram = Spectrogram(Audio(rate=rate, length=length))
    picture = spectrogram(torch.zeros(1, 1, length))
    assert picture.shape[1:] == spectrogram.space.shape
    assert spectrogram.space.width % 8 == 0
    assert spectrogram.inverse(picture).shape == (1, 1, length)


def test_that_every_mel_band_hears_something_and_every_row_is_an_average() -> None:
    bank = mel_bank(8000, 129)
    assert bank.shape == (64, 129)
    assert np.allclose(bank.sum(1), 1)
    assert bool((bank >= 0).all())


def test_that_the_laws_hold_for_a_picture_method_on_sounds() -> None:
    broken = [verdict for verdict in check(discover().method("dcgan"), ("audio",)) if not verdict.holds]
    assert not broken


def test_that_a_class_is_passed_through() -> None:
    dataset, card = audio(), discover().method("dcgan")
    model = make(card, dataset.signature, {}).eval()
    assert isinstance(model, SoundGenerator)
    a, b = (sample(model.samplers()["sample"], 2, 0, {"label": torch.full((2,), label)}) for label in (0, 1))
    assert a.shape == (2, 1, 256)
    assert not torch.equal(a, b)


def test_that_a_method_without_pictures_learns_no_sounds() -> None:
    with pytest.raises(StudioError, match="models tokens, not audio"):
        make(discover().method("gpt"), audio().signature, {})
    assert "audio" in discover().method("dcgan").kinds
    assert not isinstance(make(discover().method("dcgan"), image().signature, {}), SoundGenerator)
