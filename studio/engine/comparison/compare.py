"""Models measured side by side: the same seed, the same number of samples, the same metrics."""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict

from studio.api.dataset import Dataset
from studio.api.errors import StudioError
from studio.api.frozen import Frozen
from studio.api.space import Tokens
from studio.engine.metrics.evaluate import evaluate
from studio.engine.models.model import Model

BATCH = 64
SHOWN = 16


class Row(Frozen):
    """A model in a comparison; `milliseconds` is wall time per sample in batches of up to 64, after one warm-up.

    Of a scene the samples are the held-out views, rendered from their cameras.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    model: str
    title: str
    family: str
    parameters: int
    provider: str
    steps: int
    milliseconds: float
    metrics: dict[str, float]
    samples: Any

    def model_dump(self, **options: Any) -> dict[str, Any]:
        """Everything but the samples."""
        options["exclude"] = {"samples"}
        return super().model_dump(**options)


def compare(models: Mapping[str, Model], dataset: Dataset, n: int, seed: int) -> list[Row]:
    """One row a model.

    Raises:
        StudioError: a model makes another kind of sample than the data set holds.
    """
    for name, model in models.items():
        _fit(name, model, dataset)
    return [_measure(name, model, dataset, n, seed) for name, model in models.items()]


def _fit(name: str, model: Model, dataset: Dataset) -> None:
    mine, theirs = model.card.signature.space, dataset.signature.space
    if mine.kind != theirs.kind or (mine.kind != "tokens" and mine.shape != theirs.shape):
        raise StudioError(f"{name} makes {mine.kind} {mine.shape}, the data set holds {theirs.kind} {theirs.shape}.")
    if isinstance(mine, Tokens) and isinstance(theirs, Tokens) and mine.vocabulary != theirs.vocabulary:
        raise StudioError(f"{name} writes in other symbols than the text is read in; compare it on the data it has learned from.")


def _measure(name: str, model: Model, dataset: Dataset, n: int, seed: int) -> Row:
    card = model.card
    model.sample("sample", min(2, n), seed=seed)
    begun = time.monotonic()
    poses = dataset.validation_poses
    samples = draw(model, n, seed) if poses is None else model.sample("render", len(poses), inputs={"pose": poses})
    milliseconds = 1000 * (time.monotonic() - begun) / len(samples)
    controls = {control.name: control.default for control in card.sampler("sample").controls}
    plan = card.sampler("sample").plan
    steps = plan.steps if isinstance(plan.steps, int) else int(str(controls[plan.steps]))
    return Row(
        model=name, title=card.title, family=card.family, parameters=card.parameters, provider=model.provider, steps=steps,
        milliseconds=milliseconds, metrics=evaluate(samples, dataset), samples=samples[:SHOWN],
    )  # fmt: skip


def draw(model: Model, n: int, seed: int) -> NDArray[Any]:
    """`n` samples in batches of at most 64; batch k has the seed `seed + k`."""
    sizes = [min(BATCH, n - first) for first in range(0, n, BATCH)]
    return np.concatenate([model.sample("sample", size, seed=seed + k) for k, size in enumerate(sizes)])
