"""Latent diffusion's own mathematics: words, guidance, latents and what is kept of a picture."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from studio_diffusion.cards.latent_diffusion import LatentDiffusionParams
from studio_diffusion.latent_diffusion import LatentDiffusion
from studio_vae.cards.kl_autoencoder import KLAutoencoderParams
from studio_vae.cards.vae import VAEParams
from studio_vae.kl_autoencoder import KLAutoencoder
from studio_vae.vae import VAE

from studio.api import Image, Signature, StudioError
from studio.api.words import vocabulary_of, write_words
from studio.engine.training.toys import image
from studio.kit.networks.text_encoder import TextEncoder
from studio.kit.sampler import default_inputs, sample
from studio.kit.source import Batch, Source
from studio.kit.training import Fit, Settings

WORDS = vocabulary_of(["a bright square", "a dark circle"])
SIGNATURE = Signature(space=Image(height=8, width=8, channels=1), words=WORDS)
SMALL = {"width": 16, "text_width": 16, "text_layers": 1, "halvings": 1, "latent_channels": 4, "autoencoder_width": 16}


class Silent:
    def report(self, event): ...
    def save(self, step, tensors, facts): ...
    def preview(self, step, samples, insights): ...


def build(**params) -> LatentDiffusion:
    torch.manual_seed(0)
    model = LatentDiffusion(SIGNATURE, LatentDiffusionParams(**{**SMALL, **params})).eval()
    for weight in model.average.network.denoiser.parameters():
        torch.nn.init.normal_(weight, std=0.1)
    return model


def rows(*texts: str) -> torch.Tensor:
    return torch.from_numpy(write_words(texts, WORDS))


def given(model: LatentDiffusion, sampler: str, n: int, **inputs) -> dict[str, torch.Tensor]:
    return {**default_inputs(model.samplers()[sampler].inputs, n, 0), **inputs}


def test_that_the_parts_one_after_the_other_make_what_the_whole_makes():
    model, controls = build(), {"steps": 4, "guidance_scale": 3.0}
    parts = model.samplers()
    prompts = {"prompt": rows("a bright square"), "negative_prompt": rows("a dark circle")}
    whole = sample(parts["sample"], 1, 5, prompts, controls)
    wanted, against = (sample(parts["encode_text"], 1, 0, {"prompt": words}) for words in prompts.values())
    latents = sample(parts["denoise"], 1, 5, {"conditioning": wanted, "negative_conditioning": against}, controls)
    torch.testing.assert_close(sample(parts["decode"], 1, 0, {"latent": latents}), whole)


def test_that_a_denoiser_that_is_told_nothing_makes_what_an_empty_prompt_makes():
    model, controls = build(), {"steps": 3}
    parts = model.samplers()
    silent = sample(parts["denoise"], 2, 1, given(model, "denoise", 2), controls)
    empty = sample(parts["sample"], 2, 1, given(model, "sample", 2), controls)
    torch.testing.assert_close(model.decode(silent), empty)


def test_that_guidance_of_one_is_the_prompt_alone_and_of_zero_the_negative_prompt_alone():
    model = build()
    sampler, level = model.samplers()["sample"], model.at(torch.full((1, 1, 1, 1), 0.7))
    x = torch.randn(2, *model.latent_shape)
    words, against = (model.read(rows(text, text)) for text in ("a bright square", "a dark circle"))

    def guided(scale: float) -> torch.Tensor:
        return sampler.guided(x, level, {"words": words, "against": against, "guidance_scale": torch.tensor(scale)})

    torch.testing.assert_close(guided(1.0), model.clean(x, level, words))
    torch.testing.assert_close(guided(0.0), model.clean(x, level, against))
    assert not torch.allclose(guided(1.0), guided(0.0))


def test_that_a_prompt_changes_the_picture_and_so_does_a_negative_one():
    model = build()

    def made(prompt: str, negative: str) -> torch.Tensor:
        return sample(model.samplers()["sample"], 1, 0, {"prompt": rows(prompt), "negative_prompt": rows(negative)}, {"steps": 3})

    first = made("a bright square", "")
    assert not torch.allclose(made("a dark circle", ""), first)
    assert not torch.allclose(made("a bright square", "a dark circle"), first)


def test_that_inpainting_keeps_every_pixel_that_the_mask_leaves():
    model, picture = build(), torch.rand(2, 1, 8, 8) * 2 - 1
    mask = -torch.ones(2, 1, 8, 8)
    mask[..., 3:6] = 1
    inputs = given(model, "inpaint", 2, sample=picture, mask=mask, prompt=rows("a bright square", "a dark circle"))
    made = sample(model.samplers()["inpaint"], 2, 0, inputs, {"steps": 4, "resampling": 2})
    torch.testing.assert_close(made[mask < 0], picture[mask < 0])
    assert not torch.allclose(made[mask > 0], picture[mask > 0], atol=0.1)


def test_that_a_latent_with_any_pixel_to_be_made_is_made_anew():
    model = build()
    mask = -torch.ones(1, 1, 8, 8)
    mask[..., 0, 3] = 1
    inputs = given(model, "inpaint", 1, sample=torch.zeros(1, 1, 8, 8), mask=mask)
    carry = model.samplers()["inpaint"].init(torch.zeros(1, *model.latent_shape), inputs)
    assert (carry["mask"] > 0).nonzero().tolist() == [[0, 0, 0, 1]]


def test_that_little_strength_leaves_a_picture_nearly_as_it_is_coded():
    model, picture = build(), torch.rand(1, 1, 8, 8) * 2 - 1
    coded = model.decode(model.encode(picture)).detach()

    def change(strength: float) -> float:
        inputs = given(model, "image_to_image", 1, sample=picture)
        made = sample(model.samplers()["image_to_image"], 1, 0, inputs, {"steps": 4, "strength": strength})
        return float((made - coded).square().mean())

    assert change(0.05) < 0.5 * change(1.0)


def test_that_some_captions_are_left_out_whole_for_guidance():
    torch.manual_seed(0)
    words = rows("a bright square").repeat(2000, 1)
    kept = build(caption_dropout=0.25).some_left_out(Batch(torch.empty(2000, 4, 4, 4), None, words))
    silent = (kept == 0).all(1)
    assert (kept[~silent] == words[0]).all()
    assert 0.2 < silent.float().mean() < 0.3


def test_that_the_same_words_in_another_order_say_something_else():
    torch.manual_seed(0)
    reader = TextEncoder(WORDS.vocab_size, WORDS.length, 16, 1, 4)
    one, other = reader(rows("dark square")), reader(rows("square dark"))
    assert not torch.allclose(one.mean(1), other.mean(1), atol=1e-3)


def test_that_a_given_autoencoder_is_used_left_alone_and_not_trained_again():
    torch.manual_seed(0)
    coder = KLAutoencoder(SIGNATURE, KLAutoencoderParams(width=16, latent_channels=6, halvings=1))
    model = LatentDiffusion(SIGNATURE, LatentDiffusionParams(**SMALL), {"autoencoder": coder})
    assert [stage.name for stage in model.stages()] == ["denoiser"]
    assert model.latent_shape == coder.latent_shape == (6, 4, 4)
    assert not any(name.startswith("coder") for name in model.state_dict())
    assert [stage.name for stage in build().stages()] == ["autoencoder", "denoiser"]


def test_that_an_autoencoder_whose_latents_are_a_vector_is_refused():
    vae = VAE(SIGNATURE, VAEParams(width=8))
    with pytest.raises(StudioError, match="KL autoencoder"):
        LatentDiffusion(SIGNATURE, LatentDiffusionParams(**SMALL), {"autoencoder": vae})


def test_that_data_without_words_is_refused_in_words():
    with pytest.raises(StudioError, match="learns from captions"):
        LatentDiffusion(Signature(space=SIGNATURE.space), LatentDiffusionParams(**SMALL))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_that_the_prompt_decides_what_is_made_after_a_short_training():
    toy = image()
    captions = tuple(toy.signature.classes[label] for label in toy.train_labels)
    dataset = replace(toy, captions=captions, tags=())
    torch.manual_seed(0)
    params = LatentDiffusionParams(**SMALL, learning_rate=5e-3, ema=0.9, autoencoder_share=0.4)
    model = LatentDiffusion(dataset.signature, params)
    settings = Settings(steps=200, batch_size=32, preview_every=1e9, checkpoint_every=1e9, previews=1)
    Fit(model, Source(dataset, 32, 0, settings.device), settings, Silent()).run()
    model.eval()

    def brightness(word: str) -> float:
        words = torch.from_numpy(write_words([word] * 8, dataset.signature.words))
        inputs = {"prompt": words, "negative_prompt": torch.zeros_like(words)}
        return float(sample(model.samplers()["sample"], 8, 0, inputs, {"steps": 12, "guidance_scale": 2.0}).mean())

    true = [float(np.mean(dataset.train[dataset.train_labels == k])) for k in range(3)]
    dark, grey, bright = map(brightness, ("dark", "grey", "bright"))
    assert dark < grey < bright
    assert abs(dark - true[0]) < 0.25
    assert abs(bright - true[2]) < 0.25
