"""Sounds for every method that models pictures: it sees spectrograms, the host hears waveforms."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from studio.api.sampler import Port
from studio.api.space import Audio, Signature
from studio.kit.generator import Generator, Score, sample_port
from studio.kit.sampler import Carry, Given, Sampler
from studio.kit.source import Batch, Source
from studio.kit.spectrogram import Spectrogram
from studio.kit.stage import Batches, Stage, State
from studio.kit.training import Training

Build = Callable[[Signature, Any, Mapping[str, nn.Module]], Generator]
AT_ONCE = 256


class SoundGenerator(Generator):
    """A method for pictures, trained on the spectrograms of sounds; what it makes is made audible.

    Args:
        build: makes the method's generator for the pictures.
        space: of the sounds, in `signature`.
    """

    def __init__(self, build: Build, signature: Signature, params: Any, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__(signature, params, {name: _inner(model) for name, model in (inputs or {}).items()})
        assert isinstance(signature.space, Audio)
        self.spectrogram = Spectrogram(signature.space)
        self.inner = build(signature.model_copy(update={"space": self.spectrogram.space}), params, self.inputs)
        self.signature = signature.model_copy(update={"words": self.inner.signature.words})

    def stages(self) -> Sequence[Stage]:
        return [_SeenStage(self, stage) for stage in self.inner.stages()]

    def samplers(self) -> Mapping[str, Sampler]:
        samplers = self.inner.samplers().items()
        return {name: _heard(self, sampler) for name, sampler in samplers if _understood(sampler.inputs)}

    def scores(self) -> Mapping[str, Score]:
        return {name: _SeenScore(self, score) for name, score in self.inner.scores().items() if _understood(score.inputs)}

    def seen(self, source: Source) -> Source:
        """The same data as spectrograms."""
        dataset = source.dataset
        pictures = replace(
            dataset, signature=self.inner.signature, train=self._see(dataset.train), validation=self._see(dataset.validation)
        )
        return Source(pictures, source.size, source.seed, source.device)

    def _see(self, waves: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
        place = self.spectrogram.bank.device
        with torch.no_grad():
            parts = [self.spectrogram(part.to(place)).cpu() for part in torch.from_numpy(waves).split(AT_ONCE)]
        return torch.cat(parts).numpy()

    def pictures(self, given: Given) -> Given:
        """What goes in, with sounds as pictures."""
        shape = self.space.shape
        return {name: self.spectrogram(value) if tuple(value.shape[1:]) == shape else value for name, value in given.items()}

    def ports(self, ports: Sequence[Port]) -> tuple[Port, ...]:
        """Ports of pictures as ports of sounds."""
        return tuple(sample_port(self.space, port.name).model_copy(update={"optional": port.optional})
                     if port.shape == self.inner.space.shape else port for port in ports)  # fmt: skip


def _inner(model: nn.Module) -> nn.Module:
    return model.inner if isinstance(model, SoundGenerator) else model


def _understood(ports: Sequence[Port]) -> bool:
    """A mask of pixels means nothing to a sound."""
    return all(port.name != "mask" for port in ports)


class _SeenStage(Stage):
    """A stage fed with spectrograms, made once."""

    def __init__(self, sound: SoundGenerator, stage: Stage) -> None:
        self.sound, self.stage = sound, stage
        self.name, self.share = stage.name, stage.share
        self._source: tuple[Source, Source] | None = None

    def data(self, source: Source) -> Batches:
        return self.stage.data(self._seen(source))

    def setup(self, training: Training) -> State:
        return self.stage.setup(training)

    def step(self, state: State, batch: Batch, training: Training) -> Mapping[str, Tensor]:
        return self.stage.step(state, batch, training)

    def validate(self, source: Source, training: Training) -> Mapping[str, float]:
        return self.stage.validate(self._seen(source), training)

    def _seen(self, source: Source) -> Source:
        if self._source is None or self._source[0] is not source:
            self._source = (source, self.sound.seen(source))
        return self._source[1]


class _HeardSampler(Sampler):
    """A sampler whose pictures are made audible at the end."""

    def __init__(self, sound: SoundGenerator, sampler: Sampler) -> None:
        self.sound, self.sampler = sound, sampler
        self.plan, self.Controls = sampler.plan, sampler.Controls
        self.quick = sampler.quick  # pyright: ignore[reportAttributeAccessIssue]
        self.inputs = sound.ports(sampler.inputs)
        (self.output,) = sound.ports([sampler.output])

    def init(self, noise: Tensor, given: Given) -> Carry:
        return self.sampler.init(noise, self.sound.pictures(given))

    def step(self, carry: Carry, i: Tensor, noise: Tensor, given: Given) -> Carry:
        return self.sampler.step(carry, i, noise, self.sound.pictures(given))

    def finish(self, carry: Carry) -> Tensor:
        return self._heard(self.sampler.finish(carry))

    def _heard(self, made: Tensor) -> Tensor:
        return self.sound.spectrogram.inverse(made) if self.output.shape == self.sound.space.shape else made


class _HeardOnTheWay(_HeardSampler):
    """One that shows more than its carry on the way."""

    def peek(self, carry: Carry) -> Tensor:
        return self._heard(self.sampler.peek(carry))


def _heard(sound: SoundGenerator, sampler: Sampler) -> Sampler:
    return (_HeardSampler if type(sampler).peek is Sampler.peek else _HeardOnTheWay)(sound, sampler)


class _SeenScore(Score):
    """A score of the spectrogram."""

    def __init__(self, sound: SoundGenerator, score: Score) -> None:
        self.sound, self._score = sound, score
        self.unit, self.higher_is_better, self.noise = score.unit, score.higher_is_better, score.noise
        self.inputs = sound.ports(score.inputs)

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        return self._score.score(self.sound.spectrogram(sample), noise, self.sound.pictures(given))
