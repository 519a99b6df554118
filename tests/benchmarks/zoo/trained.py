"""Training for a line of the table: in this process, seeded, and measured in processor seconds."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from studio.api import Dataset, GeneratorCard, Signature, StudioError
from studio.api.events import Event, Step
from studio.cli.output import picture
from studio.engine.datasets.reference import open_dataset
from studio.engine.plugins.discover import discover
from studio.engine.render import render
from studio.engine.training.making import make
from studio.kit.generator import Generator
from studio.kit.sampler import default_inputs, sample
from studio.kit.source import Source
from studio.kit.training import Fit, Settings
from tests.benchmarks.zoo.sheet import path_for


class Quiet:
    """A recorder that keeps the last values and stops nothing."""

    def __init__(self) -> None:
        self.values: dict[str, float | None] = {}

    def report(self, event: Event) -> None:
        if isinstance(event, Step):
            self.values |= event.values

    def save(self, step: int, tensors: Mapping[str, Tensor], facts: Any) -> None: ...
    def preview(self, step: int, *shown: Any) -> None: ...


@dataclass
class Trained:
    """A generator after its training, in evaluation mode."""

    card: GeneratorCard
    generator: Generator
    dataset: Dataset
    cpu_seconds: float
    values: dict[str, float | None] = field(default_factory=dict)

    def sample(
        self, n: int, sampler: str = "sample", *, seed: int = 1, label: int | None = None, **controls: Any
    ) -> NDArray[Any]:
        """`n` samples in batches of 250, of no particular class unless `label` is given."""
        parts: list[NDArray[Any]] = []
        machine = self.generator.samplers()[sampler]
        for first in range(0, n, 250):
            size = min(250, n - first)
            inputs = default_inputs(machine.inputs, size, self.generator.classes)
            if label is not None:
                inputs["label"] = torch.full((size,), label)
            parts.append(np.asarray(sample(machine, size, seed + first, inputs, controls)))
        return np.concatenate(parts)


def dataset(name: str) -> Dataset:
    """A shipped data set, or one by path."""
    return open_dataset(name, discover().datasets)


def without_classes(name: str) -> Dataset:
    """A data set whose classes, which may give the modes away, are not told."""
    told = dataset(name)
    return replace(told, signature=Signature(space=told.signature.space), train_labels=None, validation_labels=None)


def train(
    method: str, data: str | Dataset, *, steps: int, batch_size: int, seed: int = 0,
    inputs: Mapping[str, nn.Module] | None = None, **params: Any,
) -> Trained:  # fmt: skip
    """Train a method as the studio does, on one thread, without checkpoints and previews."""
    torch.set_num_threads(1)
    card = discover().method(method)
    source_data = dataset(data) if isinstance(data, str) else data
    settings = Settings(
        steps=steps, batch_size=batch_size, seed=seed, preview_every=1e9, checkpoint_every=1e9, previews=2, insights=False
    )
    torch.manual_seed(seed)
    generator = make(card, source_data.signature, params, inputs)
    recorder = Quiet()
    begun = time.process_time()
    Fit(generator, Source(source_data, batch_size, seed, settings.device), settings, recorder).run()
    seconds = time.process_time() - begun
    generator.eval()
    trained = Trained(card, generator, source_data, seconds, recorder.values)
    show(trained, data if isinstance(data, str) else source_data.signature.space.kind)
    return trained


def show(trained: Trained, data: str) -> None:
    """Leave a picture of samples for the contact sheet."""
    leave(trained, data, trained.sample(800 if trained.dataset.signature.space.kind == "points" else 36))


def leave(trained: Trained, data: str, samples: NDArray[Any]) -> None:
    """Leave a picture of these samples instead."""
    with suppress(StudioError):
        picture(render(samples, trained.dataset.signature.space, len(samples))).save(path_for(trained.card.id, Path(data).name))
