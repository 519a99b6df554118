"""From a request to everything that trains: the plugin's code, the data and the loop's settings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn

from studio.api.card import GeneratorCard, Slot
from studio.api.dataset import Dataset
from studio.api.errors import StudioError
from studio.api.space import Signature
from studio.engine.datasets.reference import open_dataset
from studio.engine.plugins.registry import Registry
from studio.engine.runs.folder import find
from studio.engine.runs.request import TrainRequest
from studio.engine.training.checkpoint import unpack
from studio.engine.training.device import pick_device, pick_precision
from studio.engine.training.inputs import fits
from studio.engine.training.making import make
from studio.kit.generator import Generator
from studio.kit.source import Source
from studio.kit.training import Settings, load_weights


@dataclass(frozen=True)
class Job:
    """What a request names, found and built."""

    card: GeneratorCard
    dataset: Dataset
    generator: Generator
    source: Source
    settings: Settings


@dataclass(frozen=True)
class Shop:
    """Where the parts of a training come from: the installed plugins, and the store of runs."""

    registry: Registry
    store: Path

    def assemble(self, request: TrainRequest) -> Job:
        """Build a request's parts; the generator's first weights depend on the seed alone.

        Raises:
            StudioError: something that the request names is not there or does not fit.
        """
        card = self.registry.method(request.method)
        dataset = open_dataset(request.dataset, self.registry.datasets)
        settings = settings_for(request)
        inputs = {slot.name: model for slot, model in self._inputs(card, request)}
        for slot in (slot for slot in card.inputs if slot.name in inputs):
            fits(card, slot, inputs[slot.name].signature, dataset.signature)
        torch.manual_seed(request.seed)  # pyright: ignore[reportUnknownMemberType]
        generator = build(card, dataset.signature, request, inputs)
        return Job(card, dataset, generator, Source(dataset, request.batch_size, request.seed, settings.device), settings)

    def _inputs(self, card: GeneratorCard, request: TrainRequest) -> Iterator[tuple[Slot, Generator]]:
        for slot in card.inputs:
            if slot.name in request.inputs:
                yield slot, self.trained(request.inputs[slot.name])
            elif not slot.optional:
                raise StudioError(f"{card.title} needs a trained model for '{slot.name}' that provides {slot.provides}.")

    def trained(self, reference: str) -> Generator:
        """The generator of a run ("run:ID") with the weights of its last checkpoint."""
        folder = find(self.store, reference.removeprefix("run:"))
        loaded = folder.checkpoints.load()
        if loaded is None:
            raise StudioError(f"The run '{folder.id}' has no checkpoint; train it first.")
        request, signature = folder.record().request, Signature.model_validate_json(folder.signature.read_bytes())
        card = self.registry.method(request.method)
        generator = build(card, signature, request, {slot.name: model for slot, model in self._inputs(card, request)})
        load_weights(generator, *unpack(loaded[1]))
        return generator


def build(card: GeneratorCard, signature: Signature, request: TrainRequest, inputs: Mapping[str, nn.Module]) -> Generator:
    """A method's generator for a space."""
    return make(card, signature, request.params, inputs)


def settings_for(request: TrainRequest) -> Settings:
    """How the loop is to train."""
    device = pick_device(request.device)
    return Settings(
        steps=request.budget.steps, seconds=request.budget.seconds, batch_size=request.batch_size, seed=request.seed,
        device=device, precision=pick_precision(request.precision, device),
        checkpoint_every=request.checkpoint_every, preview_every=request.preview_every,
    )  # fmt: skip
