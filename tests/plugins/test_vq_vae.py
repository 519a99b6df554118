"""VQ-VAE's own mathematics, and that of the two stages."""

import math

import numpy as np
import pytest
import torch
from studio_hybrid.cards.vq_vae import VQVAEParams
from studio_hybrid.code_tokenizer import levels
from studio_hybrid.prior import Prior
from studio_hybrid.vq_vae import VQVAE, Coding

from studio.api import Dataset, Image, Signature, StudioError
from studio.kit.decoder import Decoder
from studio.kit.quantize import TokenizerModel, entropy
from studio.kit.sampler import sample
from studio.kit.source import Batch, Source
from studio.kit.training import Fit, Settings, Training

SMALL = {"width": 16, "halvings": 1, "prior_width": 16, "prior_layers": 1, "prior_heads": 2, "codes": 32}
PARAMS = VQVAEParams.model_validate(SMALL)
SIGNATURE = Signature(space=Image(height=8, width=8, channels=1), classes=("one", "two"))


class Recorded:
    def __init__(self) -> None:
        self.values: dict[str, float] = {}

    def report(self, event):
        self.values |= getattr(event, "values", {})

    def save(self, step, tensors, facts): ...
    def preview(self, step, samples, insights): ...


def tilted(n: int) -> np.ndarray:
    ramp = np.linspace(-0.8, 0.8, 8, dtype=np.float32)
    tilts = np.random.default_rng(0).standard_normal((n, 2, 1)).astype(np.float32) / 2
    return np.tanh(tilts[:, :1] * ramp + (tilts[:, 1:] * ramp).transpose(0, 2, 1))[:, None]


def dataset(n: int = 256) -> Dataset:
    pictures, labels = tilted(n), np.arange(n, dtype=np.int64) % 2
    return Dataset(SIGNATURE, pictures, pictures[:64], labels, labels[:64])


def source(data: Dataset) -> Source:
    return Source(data, 16, 0, torch.device("cpu"))


def settings(steps: int) -> Settings:
    return Settings(steps=steps, batch_size=16, preview_every=1e9, checkpoint_every=1e9, previews=1)


def untrained(**params: object) -> VQVAE:
    torch.manual_seed(0)
    return VQVAE(SIGNATURE, VQVAEParams.model_validate({**SMALL, **params})).eval()


@pytest.mark.parametrize("quantizer", ["vq", "fsq"])
def test_that_pictures_survive_as_codes_and_the_prior_knows_more_than_their_frequencies(quantizer):
    model, seen = untrained(quantizer=quantizer, levels="5,5,3", tokenizer_share=0.3, learning_rate=1e-2), Recorded()
    Fit(model, source(dataset()), settings(240), seen).run()
    assert seen.values["validation_psnr"] > 22
    assert seen.values["codes_used"] > 0.3
    assert seen.values["saved"] > 0.2


def test_that_places_not_yet_written_are_grey_and_the_others_are_painted():
    tokenizer = untrained().tokenizer
    tokens = tokenizer.encode(torch.from_numpy(tilted(2)))
    tokens[:, 8:] = -1
    picture = tokenizer.decode(tokens)
    assert torch.equal(picture[:, :, 4:], torch.zeros(2, 1, 4, 8))
    assert (picture[:, :, :4] != 0).all()


def test_that_encoded_vectors_decode_as_the_codes_do_and_vectors_between_them_as_the_nearest():
    model = untrained()
    x = torch.from_numpy(tilted(3))
    samplers = model.samplers()
    vectors = sample(samplers["encode"], 3, 0, {"sample": x})
    assert vectors.shape == (3, 8, 4, 4)
    again = sample(samplers["reconstruct"], 3, 0, {"sample": x})
    torch.testing.assert_close(again, model.tokenizer.decode(model.tokenizer.encode(x)))
    torch.testing.assert_close(sample(samplers["decode"], 3, 0, {"latent": vectors + 1e-3}), again)


def test_that_a_given_tokenizer_is_left_as_it_is_and_only_the_prior_learns():
    given, params = untrained(), VQVAEParams.model_validate({**SMALL, "codes": 64})
    model = VQVAE(SIGNATURE, params, {"tokenizer": given})
    assert isinstance(given, TokenizerModel)
    assert model.tokenizer is given.tokenizer
    assert [stage.name for stage in model.stages()] == ["prior"]
    assert {name.split(".")[0] for name in model.state_dict()} == {"prior"}
    assert model.prior.vocab_size == 32
    before = {name: tensor.clone() for name, tensor in given.state_dict().items()}
    Fit(model, source(dataset(64)), settings(3), Recorded()).run()
    assert all(torch.equal(tensor, before[name]) for name, tensor in given.state_dict().items())


def test_that_the_autoencoder_sees_mirrored_pictures_and_the_prior_does_not():
    coding, prior = untrained(mirror=True).stages()
    assert isinstance(coding, Coding)
    assert isinstance(prior, Prior)
    data = source(dataset(64))
    torch.manual_seed(0)
    shown = coding.pictures(Batch(data.train))
    mirrored = torch.tensor([torch.equal(a, b.flip(2)) for a, b in zip(shown, data.train, strict=True)])
    kept = torch.tensor([torch.equal(a, b) for a, b in zip(shown, data.train, strict=True)])
    assert (mirrored | kept).all()
    assert 16 < mirrored.sum() < 48
    assert torch.equal(prior.read(data).train, prior.tokenizer.encode(data.train))


class KnowsFrequencies(Decoder):
    def __init__(self, tokens: torch.Tensor, codes: int) -> None:
        super().__init__()
        self.vocab_size, self.context = codes, 17
        self.counts = torch.bincount(tokens.flatten(), minlength=codes)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        return self.counts.log().clamp(min=-30).expand(*tokens.shape, -1)


def test_that_a_prior_that_knows_only_the_frequencies_saves_nothing():
    model = untrained(tokenizer_share=0.25)
    data = source(dataset(64))
    tokens = model.tokenizer.encode(data.validation)
    stage = Prior(KnowsFrequencies(tokens, 32), PARAMS, model.tokenizer, SIGNATURE, 0.75)
    stage.data(data)
    found = stage.validate(data, Training(settings(1), Recorded()))
    assert math.isclose(found["validation_loss"], entropy(tokens, 32), rel_tol=1e-5)
    assert abs(found["saved"]) < 1e-5
    assert stage.share == model.stages()[1].share == 1 - model.stages()[0].share


def test_that_levels_are_read_and_others_refused_by_name():
    assert levels("8, 5,5") == [8, 5, 5]
    for text in ("8,5,two", "", "2,8", "-5,5", "256,256,256"):
        with pytest.raises(StudioError, match="levels"):
            levels(text)


def test_that_sides_that_cannot_be_halved_are_refused_by_name():
    with pytest.raises(StudioError, match="halvings"):
        VQVAE(Signature(space=Image(height=28, width=28, channels=1)), VQVAEParams(halvings=3))
