"""Transformers: the loss of held-out text on one budget of tokens, and of held-out pictures read pixel by pixel."""

import math
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from studio_transformer.image_gpt import ImageGPT
from torch import Tensor

from studio.kit.autoregressive import Autoregressive
from studio.kit.next_token import mean_loss, stretches
from tests.benchmarks.zoo.line import Line, Result
from tests.benchmarks.zoo.trained import Trained, train

SHAKESPEARE = Path(__file__).parents[4] / "shared" / "data" / "shakespeare.txt"
"""1,115,394 bytes, not shipped; the last tenth is held out, as nanoGPT does."""
DIGITS = {"steps": 1000, "batch_size": 32, "dropout": 0.1}


@torch.no_grad()
def whole_validation(trained: Trained) -> float:
    """Nats per symbol over all of the held-out text, in windows that do not overlap."""
    model = cast(Autoregressive, trained.generator)
    stream = torch.from_numpy(trained.dataset.validation)
    return mean_loss(model.network, stretches(stream, model.params.context, 10**9))


def loss(method: str, **params: Any) -> Result:
    """On nanoGPT's budget for a CPU."""
    trained = train(method, str(SHAKESPEARE), steps=2000, batch_size=12, seed=1337, context=64, **params)
    weights = sum(weight.numel() for weight in trained.generator.parameters())
    found = whole_validation(trained)
    notes = f"{weights:,} weights, {found / math.log(2):.3f} bits per character"
    return Result(ours=found, cpu_seconds=trained.cpu_seconds, notes=notes)


@cache
def digits() -> Trained:
    """ImageGPT on digits."""
    return train("image_gpt", "digits", **DIGITS)


def bits() -> Result:
    """Of held-out digits given their class, exact."""
    model, x, labels = _held_out(digits())
    any_class = torch.full_like(labels, model.classes)
    given, marginal = (_bits(model, x, known) for known in (labels, any_class))
    return Result(ours=given, cpu_seconds=digits().cpu_seconds, notes=f"not knowing the class {marginal:.3f}; {len(x)} digits")


@torch.no_grad()
def _bits(model: ImageGPT, x: Tensor, labels: Tensor) -> float:
    nats = model.scores()["log_prob"].score(x, torch.empty(len(x), 0), {"label": labels})
    return -float(nats.mean()) / (x[0].numel() * math.log(2))


def probe() -> Result:
    """How often logistic regression is right that sees what the middle layer knows of a digit; the peer sees the pixels."""
    trained = digits()
    model, x, labels = _held_out(trained)
    known = trained.dataset.train_labels
    assert known is not None
    train_x = torch.from_numpy(trained.dataset.train)

    def accuracy(before: NDArray[Any], after: NDArray[Any]) -> float:
        classifier = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
        return 100 * float(classifier.fit(before, known).score(after, labels.numpy()))

    layers = len(model.network.blocks)
    found = [accuracy(_features(model, train_x, k), _features(model, x, k)) for k in range(1, layers + 1)]
    pixels = accuracy(train_x.flatten(1).numpy(), x.flatten(1).numpy())
    notes = "after each block: " + ", ".join(f"{value:.1f}" for value in found) + "; peer: the same classifier on the pixels"
    return Result(ours=found[layers // 2 - 1], peer=pixels, cpu_seconds=trained.cpu_seconds, notes=notes)


@torch.no_grad()
def _features(model: ImageGPT, x: Tensor, layers: int) -> NDArray[np.float32]:
    return model.features(x, layers, torch.full((len(x),), model.classes)).numpy()


def _held_out(trained: Trained) -> tuple[ImageGPT, Tensor, Tensor]:
    labels = trained.dataset.validation_labels
    assert labels is not None
    return cast(ImageGPT, trained.generator), torch.from_numpy(trained.dataset.validation), torch.from_numpy(labels)


BUDGET, METRIC = "2000 steps of 12 x 64 characters", "nats per character"
ON_DIGITS = f"{DIGITS['steps']} steps of {DIGITS['batch_size']}"
LINES = (
    Line(
        name="gpt shakespeare loss", method="gpt", dataset="tiny-shakespeare", budget=BUDGET, metric=METRIC, better="lower",
        target=1.89, reference="nanoGPT's README", published=1.88, measure=partial(loss, "gpt"),
    ),
    Line(
        name="palm shakespeare loss", method="palm", dataset="tiny-shakespeare", budget=BUDGET, metric=METRIC, better="lower",
        target=1.72, reference="nanoGPT's README", published=1.88, measure=partial(loss, "palm"),
    ),
    Line(
        name="image_gpt digits bits", method="image_gpt", dataset="digits 8x8", budget=ON_DIGITS, metric="bits/dim, exact",
        better="lower", measure=bits,
    ),
    Line(
        name="image_gpt digits probe", method="image_gpt", dataset="digits 8x8", budget=ON_DIGITS,
        metric="% of a linear probe right", better="higher", reference="the same probe on pixels", measure=probe,
    ),
)  # fmt: skip
