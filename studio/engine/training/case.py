"""A method on trial: trained a little on a toy data set, with everything it reports kept in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from studio.api.card import GeneratorCard
from studio.api.dataset import Dataset
from studio.api.errors import Stopped
from studio.api.events import Event
from studio.engine.training.making import make
from studio.kit.generator import Generator
from studio.kit.insight import Insight
from studio.kit.source import Source
from studio.kit.training import Fit, Settings

STEPS = 20


class Broken(Exception):
    """A law does not hold; the text says what was seen."""


@dataclass
class Traces:
    """A recorder in memory; stops the run after the step `stop_after`."""

    stop_after: int | None = None
    events: list[Event] = field(default_factory=list)
    saved: dict[int, tuple[dict[str, Tensor], Any]] = field(default_factory=dict)

    def report(self, event: Event) -> None:
        self.events.append(event)
        if self.stop_after is not None and event.kind == "step" and event.step >= self.stop_after:
            raise Stopped

    def save(self, step: int, tensors: Mapping[str, Tensor], facts: Any) -> None:
        self.saved[step] = (dict(tensors), facts)

    def preview(self, step: int, samples: NDArray[Any], insights: Mapping[str, Insight]) -> None:
        if not np.isfinite(samples).all():
            raise Broken(f"the preview at step {step} is not finite")


@dataclass(frozen=True)
class Case:
    """A method on a toy data set."""

    card: GeneratorCard
    dataset: Dataset
    inputs: Mapping[str, GeneratorCard] = field(default_factory=dict[str, GeneratorCard])

    def build(self) -> Generator:
        """A fresh generator, and fresh ones for its inputs; equal at every call."""
        signature = self.dataset.signature
        torch.manual_seed(0)  # pyright: ignore[reportUnknownMemberType]
        inputs = {slot: make(card, signature, {}) for slot, card in self.inputs.items()}
        torch.manual_seed(0)  # pyright: ignore[reportUnknownMemberType]
        return make(self.card, signature, {}, inputs)

    def fit(self, generator: Generator, traces: Traces, resume_from: int | None = None) -> None:
        """Train for `STEPS` steps in all, from the beginning or from what `traces` saved."""
        settings = Settings(steps=STEPS, batch_size=8, preview_every=1e9, checkpoint_every=1e9, previews=2, insights=False)
        torch.manual_seed(1)  # pyright: ignore[reportUnknownMemberType]
        fit = Fit(generator, Source(self.dataset, 8, 0, settings.device), settings, traces)
        if resume_from is not None:
            fit.restore(*traces.saved[resume_from])
        fit.run()
