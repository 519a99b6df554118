"""PixelCNN++'s own mathematics."""

import itertools
import math
from datetime import UTC, datetime

import numpy as np
import pytest
import torch
from scipy.stats import chi2
from studio_autoregressive.cards.pixelcnn import PIXELCNN, PixelCNNParams
from studio_autoregressive.likelihoods import LogisticMixture, PixelLikelihood, Softmax
from studio_autoregressive.pixelcnn import PixelCNN
from studio_autoregressive.streams import scales_of

import studio
from studio.api import Dataset, Image, Signature, StudioError
from studio.api.model import ModelCard
from studio.engine.models.export import export
from studio.engine.models.model import Model
from studio.kit.sampler import sample
from studio.kit.source import Source
from studio.kit.training import Fit, Settings

SHAPES = [
    pytest.param(Image(height=5, width=6, channels=1, levels=4), id="5x6"),
    pytest.param(Image(height=4, width=3, channels=3, levels=5), id="colour"),
    pytest.param(Image(height=3, width=1, channels=2, levels=300), id="column"),
    pytest.param(Image(height=14, width=28, channels=1, levels=4), id="two-scales"),
    pytest.param(Image(height=28, width=28, channels=1, levels=3), id="three-scales"),
]
LIKELIHOODS = ["softmax", "logistic_mixture"]


class Silent:
    def report(self, event): ...
    def save(self, step, tensors, facts): ...
    def preview(self, step, samples, insights): ...


def build(space: Image, likelihood: str = "auto", classes: tuple[str, ...] = (), spread: float = 0.15) -> PixelCNN:
    """A model in which every weight counts: the blocks of a fresh one are the identity."""
    torch.manual_seed(0)
    params = PixelCNNParams(width=8, blocks=1, mixtures=3, likelihood=likelihood)
    model = PixelCNN(Signature(space=space, classes=classes), params).eval().requires_grad_(False)
    for weight in model.parameters():
        if weight.dim() > 1:
            torch.nn.init.normal_(weight, std=spread)
    return model


def pictures(space: Image, n: int) -> torch.Tensor:
    """On their levels."""
    levels = torch.randint(space.levels, (n, *space.shape), generator=torch.Generator().manual_seed(1))
    return levels * (2 / (space.levels - 1)) - 1


def other_level(space: Image, values: torch.Tensor) -> torch.Tensor:
    """The next level, the lowest after the highest."""
    step = 2 / (space.levels - 1)
    return torch.where(values > 1 - step / 2, -1.0, values + step)


def every_picture(space: Image) -> torch.Tensor:
    numbers = math.prod(space.shape)
    levels = torch.tensor(list(itertools.product(range(space.levels), repeat=numbers)))
    return (levels * (2 / (space.levels - 1)) - 1).reshape(-1, *space.shape)


def log_prob(model: PixelCNN, x: torch.Tensor, label: int = 0) -> torch.Tensor:
    given = {"label": torch.full((len(x),), label)} if model.classes else {}
    return model.scores()["log_prob"].score(x, torch.empty(len(x), 0), given)


def distributions(likelihood: PixelLikelihood, features: torch.Tensor, levels: torch.Tensor) -> list[torch.Tensor]:
    """Of each channel, the numbers that its distribution follows from: (n, pixels, k)."""
    each = levels.unbind(-1)
    if isinstance(likelihood, Softmax):
        return [likelihood.logits(features, each[:channel]) for channel in range(likelihood.channels)]
    assert isinstance(likelihood, LogisticMixture)
    parts, values = likelihood.components(features), [likelihood.value(level)[..., None] for level in each]
    channels = range(likelihood.channels)
    return [torch.cat([parts[0], *likelihood.channel(parts, values[:channel])], dim=-1) for channel in channels]


@pytest.mark.parametrize("space", SHAPES)
def test_that_neither_stream_ever_sees_a_later_pixel(space):
    streams, label = build(space, "logistic_mixture").averaged.streams, torch.zeros(1, dtype=torch.int64)
    x = pictures(space, 1)
    before = streams.both(x, label)
    places = range(space.height * space.width)
    for place in places if len(places) < 50 else (0, 13, 27, 28, 29, 55, 56, 100, 195, len(places) - 1):
        row, column = divmod(place, space.width)
        changed = x.clone()
        changed[:, :, row, column] = other_level(space, x[:, :, row, column])
        down, right = streams.both(changed, label)
        assert torch.equal(down[:, :, : row + 1], before[0][:, :, : row + 1])
        assert torch.equal(right.flatten(2)[:, :, : place + 1], before[1].flatten(2)[:, :, : place + 1])
        if column + 1 < space.width:
            assert not torch.equal(right[:, :, row, column + 1], before[1][:, :, row, column + 1])
        if row + 1 < space.height:
            assert not torch.equal(down[:, :, row + 1, column], before[0][:, :, row + 1, column])


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_that_a_channel_follows_from_earlier_pixels_and_earlier_channels_alone(likelihood):
    space = Image(height=3, width=4, channels=3, levels=5)
    model = build(space, likelihood).averaged
    label, levels = torch.zeros(1, dtype=torch.int64), model.encode(pictures(space, 1))

    def numbers(levels: torch.Tensor) -> torch.Tensor:
        features = model.streams(model.decode(levels), label).flatten(2).transpose(1, 2)
        return torch.stack(distributions(model.likelihood, features, levels), dim=2).flatten(1, 2)

    before = numbers(levels)
    for place, channel in itertools.product(range(12), range(3)):
        changed = levels.clone()
        changed[:, place, channel] = (changed[:, place, channel] + 1) % 5
        after, number = numbers(changed), 3 * place + channel
        assert torch.equal(after[:, : number + 1], before[:, : number + 1])
        if number + 1 < 36:
            assert not torch.equal(after[:, number + 1], before[:, number + 1])


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize(
    "space",
    [
        pytest.param(Image(height=2, width=2, channels=1, levels=4), id="grey"),
        pytest.param(Image(height=1, width=2, channels=3, levels=2), id="colour"),
        pytest.param(Image(height=1, width=1, channels=1, levels=256), id="256-levels"),
        pytest.param(Image(height=1, width=1, channels=2, levels=17), id="two-channels"),
    ],
)
def test_that_the_probabilities_of_all_pictures_sum_to_one(space, likelihood):
    model, every = build(space, likelihood, ("a", "b"), spread=0.5), every_picture(space)
    for label in range(3):
        torch.testing.assert_close(log_prob(model, every, label).double().exp().sum(), torch.tensor(1.0, dtype=torch.float64))
    assert not torch.allclose(log_prob(model, every, 0), log_prob(model, every, 2), atol=1e-2)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize("shape", [(1, 2, 2, 2), (2, 2, 1, 2), (1, 2, 1, 4)])
def test_that_samples_of_a_class_follow_its_stated_probabilities(shape, likelihood):
    height, width, channels, levels = shape
    space = Image(height=height, width=width, channels=channels, levels=levels)
    model, every, draws = build(space, likelihood, ("a", "b"), spread=0.35), every_picture(space), 4000
    drawn = sample(model.samplers()["sample"], draws, 3, {"label": torch.ones(draws, dtype=torch.int64)})
    seen = torch.cdist(drawn.flatten(1), every.flatten(1)).argmin(1)
    counts, expected = torch.bincount(seen, minlength=len(every)).double(), draws * log_prob(model, every, 1).double().exp()
    cell = torch.where(expected < 5, 0, torch.arange(1, len(every) + 1))
    counts, expected = (torch.zeros(len(every) + 1).double().index_add(0, cell, each) for each in (counts, expected))
    used = expected > 0
    statistic = float(((counts - expected) ** 2 / expected)[used].sum())
    assert used.sum() > 5
    assert statistic < chi2.ppf(0.999, int(used.sum()) - 1)
    assert expected.max() > 2 * draws / len(every)


@pytest.mark.parametrize("space", SHAPES)
def test_that_remembered_rows_give_what_the_whole_picture_gives(space):
    streams, label = build(space, "logistic_mixture", ("a", "b")).averaged.streams, torch.tensor([0, 2])
    x = pictures(space, 2)
    whole = streams(x, label).flatten(2)
    memory = streams.blank(2, x.device)
    shapes = {name: rows.shape for name, rows in memory.items()}
    for place in range(min(space.height * space.width, 6 * space.width)):
        known = torch.where(torch.arange(space.height * space.width) < place, x.flatten(2), 0.0).reshape(x.shape)
        features, memory = streams.at(known, label, torch.tensor(place), memory)
        torch.testing.assert_close(features, whole[:, :, place], atol=2e-6, rtol=1e-5)
        assert {name: rows.shape for name, rows in memory.items()} == shapes


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_that_completion_keeps_the_upper_part_and_draws_the_rest(likelihood):
    space = Image(height=4, width=5, channels=2, levels=17)
    model, given = build(space, likelihood), {"sample": pictures(space, 8)}
    complete = lambda keep: sample(model.samplers()["complete"], 8, 0, given, {"keep": keep}).flatten(2)  # noqa: E731
    kept = given["sample"].flatten(2)
    half = complete(0.5)
    torch.testing.assert_close(half[:, :, :10], kept[:, :, :10], atol=0.0, rtol=0.0)
    assert (half[:, :, 10:] != kept[:, :, 10:]).float().mean() > 0.5
    torch.testing.assert_close(complete(1.0), kept, atol=0.0, rtol=0.0)
    torch.testing.assert_close(complete(0.0), sample(model.samplers()["sample"], 8, 0).flatten(2), atol=0.0, rtol=0.0)


def test_that_temperature_zero_takes_the_likeliest_level_of_a_softmax():
    space = Image(height=3, width=3, channels=1, levels=6)
    model = build(space, "softmax").averaged
    drawn = sample(build(space, "softmax").samplers()["sample"], 1, 5, controls={"temperature": 0.0})
    features = model.streams(drawn, torch.zeros(1, dtype=torch.int64)).flatten(2).transpose(1, 2)
    likeliest = distributions(model.likelihood, features, model.encode(drawn))[0].argmax(-1)
    assert torch.equal(model.encode(drawn)[:, :, 0], likeliest)


def test_that_top_k_leaves_the_likeliest_levels_alone():
    space = Image(height=3, width=3, channels=1, levels=6)
    model = build(space, "softmax")
    drawn = sample(model.samplers()["sample"], 32, 5, controls={"top_k": 2})
    features = model.averaged.streams(drawn, torch.zeros(32, dtype=torch.int64)).flatten(2).transpose(1, 2)
    levels = model.averaged.encode(drawn)
    (logits,) = distributions(model.averaged.likelihood, features, levels)
    ranks = (logits > logits.gather(2, levels)).sum(2)
    assert ranks.max() == 1
    assert ranks.float().mean() > 0.1


def test_that_a_mixture_without_temperature_gives_the_mean_of_its_likeliest_logistic():
    space = Image(height=1, width=1, channels=2, levels=256)
    model = build(space, "logistic_mixture", spread=0.5)
    one, other = (sample(model.samplers()["sample"], 1, seed, controls={"temperature": 0.0}) for seed in (1, 2))
    assert torch.equal(one, other)
    likelihood = model.averaged.likelihood
    assert isinstance(likelihood, LogisticMixture)
    parts = likelihood.components(model.averaged.streams(one, torch.zeros(1, dtype=torch.int64)).flatten(1))
    picked = [part[:, parts[0][0].argmax()] for part in parts]
    red = picked[1]
    green = picked[2] + torch.tanh(picked[5]) * one[:, 0, 0, 0]
    torch.testing.assert_close(one[0, :, 0, 0], torch.cat([red, green]).clamp(-1, 1), atol=1 / 255, rtol=0.0)


def test_that_training_finds_what_determines_a_pixel():
    """Rows of one colour, drawn by lot: a bit for each row of eight pixels."""
    random, space = np.random.default_rng(0), Image(height=4, width=8, channels=1, levels=2)
    rows = random.integers(2, size=(512, 1, 4, 1)).repeat(8, axis=3).astype(np.float32) * 2 - 1
    torch.manual_seed(0)
    model = PixelCNN(Signature(space=space), PixelCNNParams(width=16, blocks=1, dropout=0.0, ema=0.9))
    settings = Settings(steps=120, batch_size=32, preview_every=1e9, checkpoint_every=1e9, previews=1)
    Fit(model, Source(Dataset(model.signature, rows[:448], rows[448:]), 32, 0, settings.device), settings, Silent()).run()
    with torch.no_grad():
        bits = -log_prob(model.eval(), torch.from_numpy(rows[448:])).mean() / (32 * math.log(2))
    assert 0.124 < bits < 0.14


def test_that_few_levels_have_a_softmax_and_many_a_mixture_and_too_many_are_refused():
    named = lambda levels: type(build(Image(height=2, width=2, channels=1, levels=levels)).averaged.likelihood)  # noqa: E731
    assert (named(17), named(256)) == (Softmax, LogisticMixture)
    with pytest.raises(StudioError, match="likelihood"):
        build(Image(height=2, width=2, channels=1, levels=257), "softmax")


def test_that_sides_are_halved_while_they_are_even_and_seven_pixels_are_left():
    counted = [
        scales_of(Image(height=height, width=width), 3)
        for height, width in ((8, 8), (28, 28), (14, 28), (32, 32), (64, 64), (14, 15))
    ]
    assert counted == [1, 3, 2, 3, 3, 1]


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "space", [Image(height=8, width=8, channels=1, levels=17), Image(height=14, width=14, channels=3, levels=8)]
)
def test_that_one_onnx_graph_of_the_whole_sampling_gives_the_pixels_that_torch_gives(space, tmp_path):
    model = build(space, "softmax", ("a", "b"))
    facts = ModelCard(
        id="test", title="test", method=PIXELCNN.id, family=PIXELCNN.family, plugin="", signature=model.signature, params={},
        dataset="", run="", step=0, parameters=1, created=datetime.now(UTC).isoformat(), studio=studio.__version__, samplers=(),
    )  # fmt: skip
    export(model, facts, tmp_path / "model")
    exported = Model.open(tmp_path / "model", "cpu")
    label, upper = torch.arange(5) % 3, pictures(space, 5)
    for name, inputs in (("sample", {"label": label}), ("complete", {"label": label, "sample": upper})):
        expected = sample(model.samplers()[name], 5, 11, inputs)
        arrays = {key: tensor.numpy() for key, tensor in inputs.items()}
        assert np.array_equal(exported.run_whole(name, 5, seed=11, inputs=arrays), expected.numpy())
        assert len(np.unique(expected.numpy())) > space.levels // 2
    exported.close()
