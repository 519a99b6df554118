"""Samples as sequences of tokens: nothing is lost where nothing need be, and probabilities are of the sample."""

import math

import pytest
import torch

from studio.api import Image, Params, Points, Signature, StudioError, param
from studio.kit.autoregressive import Autoregressive
from studio.kit.decoder import Cache, Decoder
from studio.kit.next_token import NextTokenOfSamples
from studio.kit.sampler import sample
from studio.kit.sequence import Levels, Palette, cluster, start, tokenizer_for
from studio.kit.source import Batch

GREY = Image(height=3, width=4, channels=1, levels=5)
NONE = torch.empty(2, 0)


class Recipe(Params):
    colours: int = param(8, "Colours.", ge=2)
    learning_rate: float = param(1e-3, "Rate.", ge=0)
    final_rate: float = param(0.1, "Rate.", ge=0)
    weight_decay: float = param(0.0, "Decay.", ge=0)


class Counter(Decoder):
    """Expects the token after the last one, with certainty `sharpness`; after a start the class's number."""

    def __init__(self, vocab_size: int, starts: int, context: int, sharpness: float = 50.0) -> None:
        super().__init__()
        self.vocab_size, self.context, self.sharpness = vocab_size, context, sharpness
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def prefill(self, tokens: torch.Tensor) -> tuple[torch.Tensor, Cache]:
        ahead = torch.where(tokens < self.vocab_size, tokens + 1, tokens - self.vocab_size) % self.vocab_size
        return self.sharpness * torch.nn.functional.one_hot(ahead, self.vocab_size) + self.weight, {}

    def step(self, token: torch.Tensor, position: torch.Tensor, cache: Cache) -> tuple[torch.Tensor, Cache]:
        return self.prefill(token[:, None])[0][:, 0], {}


def counting(space: Image, classes: tuple[str, ...] = (), sharpness: float = 50.0) -> Autoregressive:
    signature = Signature(space=space, classes=classes)
    return Autoregressive(signature, Recipe(), {}, lambda *sizes: Counter(*sizes, sharpness=sharpness))


def picture(rows: list[list[int]]) -> torch.Tensor:
    return torch.tensor(rows)[None, None] / 2.0 - 1


def test_that_levels_come_back_exactly_in_raster_order_with_channels_innermost():
    space = Image(height=2, width=3, channels=2, levels=7)
    tokens = torch.arange(12)[None] % 7
    x = Levels(space).decode(tokens)
    assert torch.equal(Levels(space).encode(x), tokens)
    assert [float(x[0, 0, 0, 0]), float(x[0, 1, 0, 0])] == [-1.0, pytest.approx(2 / 6 - 1)]
    assert float(x[0, 0, 0, 2]) == pytest.approx(4 * 2 / 6 - 1)


def test_that_a_place_not_yet_written_is_neutral():
    assert float(Levels(GREY).decode(torch.full((1, 12), -1)).abs().max()) == 0
    assert float(Palette(GREY, 4).decode(torch.full((1, 12), -1)).abs().max()) == 0


def test_that_a_palette_finds_the_colours_there_are_and_is_fitted_once():
    colours = torch.tensor([[-1.0, 0.0, 1.0], [0.5, 0.5, -0.5], [1.0, 1.0, 1.0], [-0.2, 0.9, -1.0]])
    pictures = colours[torch.randint(4, (20, 6, 6), generator=torch.Generator().manual_seed(0))].movedim(-1, 1)
    palette = Palette(Image(height=6, width=6, channels=3), 4)
    palette.fit(pictures)
    torch.testing.assert_close(palette.decode(palette.encode(pictures)), pictures)
    palette.fit(torch.zeros_like(pictures))
    torch.testing.assert_close(palette.decode(palette.encode(pictures)), pictures)


def test_that_clusters_lie_nearer_to_the_points_than_the_points_they_began_from():
    points = torch.randn(2000, 3, generator=torch.Generator().manual_seed(0))
    error = torch.cdist(points, cluster(points, 16)).min(1).values.square().mean()
    assert error < torch.cdist(points, points[:16]).min(1).values.square().mean() * 0.8


def test_that_grey_levels_are_read_as_they_are_and_colours_through_a_palette():
    assert isinstance(tokenizer_for(GREY, 8), Levels)
    assert tokenizer_for(Image(height=2, width=2, channels=3), 8).vocab_size == 8
    with pytest.raises(StudioError, match="not points"):
        tokenizer_for(Points(dimensions=2), 8)


def test_that_the_probabilities_of_all_pictures_add_up_to_one():
    model = counting(Image(height=1, width=3, channels=1, levels=3), ("a", "b"), sharpness=1.0)
    every = torch.cartesian_prod(*[torch.arange(3)] * 3)
    assert model.tokenizer is not None
    x = model.tokenizer.decode(every)
    for label in (0, 1, 2):
        nats = model.scores()["log_prob"].score(x, NONE, {"label": torch.full((27,), label)})
        assert float(nats.detach().exp().sum()) == pytest.approx(1, abs=1e-5)


def test_that_bits_per_dimension_of_an_even_guess_are_the_bits_of_a_level():
    model = counting(GREY, sharpness=0.0)
    nats = model.scores()["log_prob"].score(torch.zeros(2, *GREY.shape), NONE, {})
    torch.testing.assert_close(-nats / (12 * math.log(2)), torch.full((2,), math.log2(5)))


def test_that_a_palette_has_no_likelihood_of_the_picture_itself():
    assert list(counting(Image(height=2, width=2, channels=3)).scores()) == ["palette_log_prob"]


def test_that_a_sample_begins_as_its_class_says():
    sampler = counting(GREY, ("zero", "one", "two")).samplers()["sample"]
    made = sample(sampler, 2, 0, {"label": torch.tensor([1, 3])})
    torch.testing.assert_close(made[0], picture([[1, 2, 3, 4], [0, 1, 2, 3], [4, 0, 1, 2]])[0])
    torch.testing.assert_close(made[1], picture([[3, 4, 0, 1], [2, 3, 4, 0], [1, 2, 3, 4]])[0])


def test_that_completion_keeps_the_upper_part_and_goes_on_from_it():
    sampler = counting(GREY).samplers()["complete"]
    given = picture([[4, 4, 0, 0], [1, 1, 3, 3], [0, 0, 0, 0]])
    made = sample(sampler, 1, 0, {"sample": given}, {"keep": 2 / 3})
    torch.testing.assert_close(made, picture([[4, 4, 0, 0], [1, 1, 3, 3], [4, 0, 1, 2]]))
    torch.testing.assert_close(sample(sampler, 1, 0, {"sample": given}, {"keep": 1.0}), given)
    assert not torch.equal(sample(sampler, 1, 0, {"sample": given}, {"keep": 0.0}), given)


def test_that_a_class_is_now_and_then_any_class_in_training_and_never_in_validation():
    model = counting(GREY, ("a", "b"))
    assert model.tokenizer is not None
    stage = NextTokenOfSamples(model.network, Recipe(), model.tokenizer, 2)
    batch = Batch(torch.zeros(2000, *GREY.shape), torch.ones(2000, dtype=torch.int64))
    torch.manual_seed(0)
    starts = stage.sequences(batch)[:, 0] - 5
    assert 0.07 < float((starts == 2).float().mean()) < 0.13
    assert set(starts.tolist()) == {1, 2}
    model.network.eval()
    assert set((stage.sequences(batch)[:, 0] - 5).tolist()) == {1}


def test_that_starts_are_beyond_the_vocabulary():
    assert start(5, torch.tensor([0, 2])).tolist() == [[5], [7]]
