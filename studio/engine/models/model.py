"""An exported model, opened: samples and scores by onnxruntime, without the plugin that made it."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from studio.api.errors import StudioError
from studio.api.model import ModelCard
from studio.api.noise import NoiseStream
from studio.api.sampler import Noise, SamplerCard
from studio.api.space import Tokens
from studio.engine.models import feeding
from studio.engine.models.card_file import read_card
from studio.engine.models.inspecting import inspect
from studio.engine.models.names import NOISE, SAMPLES, SCORE, STEP_NOISE, file_of, part_graph, score_graph, whole_graph
from studio.engine.models.running import Cancel, Loop
from studio.engine.models.session import SESSIONS, settle_provider
from studio.home import home, resources

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Progress:
    """`step` of `total` is done; `samples` is what there is so far, (n, *shape), where a look is due, and always at the end."""

    step: int
    total: int
    samples: Array | None = None


class Model:
    """An exported model; `Model.open` makes one.

    Attributes:
        card: what the model is and can do.
        provider: the one that is really used.
        note: why it is not a better one, empty where there is nothing to say.
    """

    def __init__(self, folder: Path, card: ModelCard, provider: str, note: str, threads: int) -> None:
        self.folder = folder
        self.card = card
        self.provider = provider
        self.note = note
        self._threads = threads
        self._active = set[Cancel]()
        self._lock = Lock()

    @classmethod
    def open(cls, folder: Path, provider: str = "auto", threads: int = 0) -> "Model":
        """Open a model's folder; its graphs are loaded when they are first needed.

        Args:
            provider: auto, cpu, cuda, tensorrt, directml or coreml.
            threads: within one operation; 0 takes OMP_NUM_THREADS, or else all cores.

        Raises:
            StudioError: the folder holds no model, a file in it is not what the rules allow, or the provider cannot be had.
        """
        folder = folder.resolve()
        card = read_card(folder)
        trusted = any(folder.is_relative_to(place.resolve()) for place in (home(), resources()))
        for file in sorted(folder.glob("*.onnx")):
            inspect(file, trusted=trusted)
        first = _first_graph(folder, card)
        used, note = settle_provider(first, provider, threads)
        return cls(folder, card, used, note, threads)

    def run(
        self,
        sampler: str = "sample",
        n: int = 1,
        *,
        seed: int = 0,
        noise: Array | None = None,
        inputs: Mapping[str, Any] | None = None,
        controls: Mapping[str, Any] | None = None,
        every: int = 0,
    ) -> Iterator[Progress]:
        """Make samples step by step.

        Args:
            noise: what to start from, (n, *plan.initial.shape), instead of what `seed` gives; later noise is the seed's.
            inputs: by port name: classes, texts or arrays, see `studio.engine.models.feeding`.
            every: a look at the samples after so many steps; 0 for none before the end.

        Raises:
            StudioError: an input or a control does not fit, or onnxruntime failed.
            Stopped: `terminate` was called.
        """
        card = self.sampler_card(sampler)
        given = self._given(card, n, inputs, controls)
        stream = NoiseStream(seed, n)
        start = _start(card, stream, noise, n)
        total = card.plan.steps if isinstance(card.plan.steps, int) else int(given[card.plan.steps])
        if total == 1 and isinstance(card.plan.steps, int):
            yield Progress(1, 1, self._run_whole(card, start, stream, given, 1))
            return
        with self._cancel() as cancel:
            loop = Loop(lambda part: self._part(sampler, part), self.provider, cancel, given)
            loop.start(start)
            for i in range(total):
                loop.step(i, stream.draw(card.plan.each) if card.plan.each else None)
                due = every and (i + 1) % every == 0
                if i + 1 < total:
                    yield Progress(i + 1, total, loop.look() if due else None)
            yield Progress(total, total, loop.finish())

    def sample(
        self,
        sampler: str = "sample",
        n: int = 1,
        *,
        seed: int = 0,
        noise: Array | None = None,
        inputs: Mapping[str, Any] | None = None,
        controls: Mapping[str, Any] | None = None,
    ) -> Array:
        """The finished samples of `run`, (n, *output.shape)."""
        *_, last = self.run(sampler, n, seed=seed, noise=noise, inputs=inputs, controls=controls)
        assert last.samples is not None
        return last.samples

    def run_whole(
        self,
        sampler: str = "sample",
        n: int = 1,
        *,
        seed: int = 0,
        noise: Array | None = None,
        inputs: Mapping[str, Any] | None = None,
        controls: Mapping[str, Any] | None = None,
    ) -> Array:
        """The same samples by the stand-alone graph, in one call; all noise of all steps is in memory at once."""
        card = self.sampler_card(sampler)
        given = self._given(card, n, inputs, controls)
        stream = NoiseStream(seed, n)
        start = _start(card, stream, noise, n)
        total = card.plan.steps if isinstance(card.plan.steps, int) else int(given[card.plan.steps])
        return self._run_whole(card, start, stream, given, total)

    def score(self, name: str, samples: Array, *, seed: int = 0, inputs: Mapping[str, Any] | None = None) -> NDArray[np.float32]:
        """The score called `name` of samples (n, *space.shape): (n,)."""
        card = {score.name: score for score in self.card.scores}.get(name)
        if card is None:
            raise StudioError(
                f"{self.card.title} has no score '{name}'; it has {_listed(score.name for score in self.card.scores)}."
            )
        n = len(samples)
        given = feeding.feed_inputs(card.inputs, {"sample": samples, **(inputs or {})}, n, self.card.signature)
        given[NOISE] = _draw(NoiseStream(seed, n), card.noise, n)
        return self._call(score_graph(name), given, SCORE)

    def texts(self, samples: Array) -> list[str]:
        """Token samples as texts."""
        space = self.card.signature.space
        if not isinstance(space, Tokens):
            raise StudioError(f"The samples of {self.card.title} are {space.kind}, not text.")
        return feeding.texts(samples, space)

    def terminate(self) -> None:
        """Stop what runs, from any thread; the run raises Stopped."""
        with self._lock:
            for cancel in self._active:
                cancel.cancel()

    def close(self) -> None:
        """Stop what runs and free the memory; the model opens its graphs again if it is used again."""
        self.terminate()
        SESSIONS.forget(self.folder)

    def sampler_card(self, name: str) -> SamplerCard:
        """The sampler called `name`; StudioError names those there are."""
        if found := next((sampler for sampler in self.card.samplers if sampler.name == name), None):
            return found
        raise StudioError(
            f"{self.card.title} has no sampler '{name}'; it has {_listed(sampler.name for sampler in self.card.samplers)}."
        )

    def _given(
        self, card: SamplerCard, n: int, inputs: Mapping[str, Any] | None, controls: Mapping[str, Any] | None
    ) -> dict[str, Array]:
        fed = feeding.feed_inputs(card.inputs, inputs or {}, n, self.card.signature)
        return fed | feeding.feed_controls(card.controls, controls or {})

    def _part(self, sampler: str, part: str) -> Any:
        if part == "peek" and not file_of(self.folder, part_graph(sampler, part)).exists():
            part = "finish"
        return self._session(part_graph(sampler, part))

    def _session(self, graph: str) -> Any:
        return SESSIONS.get(file_of(self.folder, graph), self.provider, self._threads)

    def _run_whole(self, card: SamplerCard, start: Array, stream: NoiseStream, given: Mapping[str, Array], total: int) -> Array:
        feeds = {**given, NOISE: start}
        if card.plan.each:
            feeds[STEP_NOISE] = stream.draw_many(card.plan.each, total)
        return self._call(whole_graph(card.name), feeds, SAMPLES)

    def _call(self, graph: str, feeds: Mapping[str, Array], output: str) -> Array:
        with self._cancel() as cancel:
            return cancel.run(self._session(graph), feeds, output)

    @contextmanager
    def _cancel(self) -> Generator[Cancel]:
        cancel = Cancel()
        with self._lock:
            self._active.add(cancel)
        try:
            yield cancel
        finally:
            with self._lock:
                self._active.discard(cancel)


def _first_graph(folder: Path, card: ModelCard) -> Path:
    sampler = card.samplers[0]
    graph = whole_graph(sampler.name) if sampler.plan.steps == 1 else part_graph(sampler.name, "step")
    path = file_of(folder, graph)
    if not path.is_file():
        raise StudioError(f"The model {folder} is not complete: {path.name} is missing. Export it again.")
    return path


def _start(card: SamplerCard, stream: NoiseStream, noise: Array | None, n: int) -> Array:
    drawn = _draw(stream, card.plan.initial, n)
    if noise is None:
        return drawn
    if noise.shape != drawn.shape:
        raise StudioError(f"The noise of '{card.name}' must have the shape {drawn.shape}, not {noise.shape}.")
    return np.ascontiguousarray(noise, np.float32)


def _draw(stream: NoiseStream, noise: Noise | None, n: int) -> Array:
    return stream.draw(noise) if noise else np.empty((n, 0), np.float32)


def _listed(names: Any) -> str:
    return ", ".join(names) or "none"
