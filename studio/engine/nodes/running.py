"""A sampler run for a node: progress told, the provider named, the result with its space."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

from studio.api.model import ModelCard
from studio.api.node import NodeContext
from studio.api.sampler import Port, SamplerCard
from studio.api.space import Image, Points, Space, Tokens
from studio.api.values import Conditioning, Latents, Samples
from studio.engine.models.feeding import left_out
from studio.engine.nodes.feeding import Given, feed, unused


class Progress(Protocol):
    """`step` of `total` is done; `samples` is what there is so far."""

    @property
    def step(self) -> int: ...
    @property
    def total(self) -> int: ...
    @property
    def samples(self) -> NDArray[Any] | None: ...


class Opened(Protocol):
    """What this needs of a `studio.engine.models.model.Model`."""

    card: ModelCard
    provider: str
    note: str

    def run(
        self, sampler: str = ..., n: int = ..., *, seed: int = ..., noise: NDArray[Any] | None = ...,
        inputs: Mapping[str, Any] | None = ..., controls: Mapping[str, Any] | None = ..., every: int = ...,
    ) -> Iterator[Progress]: ...  # fmt: skip


def run(
    context: NodeContext,
    model: Opened,
    sampler: SamplerCard,
    start: Latents,
    given: Given,
    *,
    controls: Mapping[str, Any],
    every: int = 0,
) -> Samples | Latents | Conditioning:
    """What `sampler` makes from `start`, a preview told after every so many steps."""
    n = len(start.array)
    noise = start.array if sampler.plan.initial else None
    steps = model.run(
        sampler.name, n, seed=start.seed, noise=noise, inputs=feed(sampler, n, given), controls=controls, every=every
    )
    made: Samples | Latents | Conditioning = start
    for progress in steps:
        if progress.samples is not None:
            made = _made(model.card, sampler.output, progress.samples, start.seed)
        context.report(progress.step, progress.total, made if progress.samples is not None else None)
    notes = (model.note, unused(sampler, given), left_out(given.words, model.card.signature.words))
    context.note(" ".join(filter(None, notes)), model.provider)
    return made


def _made(card: ModelCard, output: Port, array: NDArray[Any], seed: int) -> Samples | Latents | Conditioning:
    if output.kind == "conditioning":
        return Conditioning(array)
    if output.kind == "latent":
        return Latents(array, seed)
    return Samples(array, space_of(card.signature.space, output, array.shape[1:]), card.title)


def space_of(space: Space, output: Port, shape: tuple[int, ...]) -> Space:
    """What a sampler's output is: the model's own space, or one of the output's kind and shape."""
    if isinstance(space, Tokens):
        return space.model_copy(update={"length": shape[0]})
    if shape == space.shape:
        return space
    if output.kind in ("image", "scene") and len(shape) == 3:
        return Image(channels=shape[0], height=shape[1], width=shape[2], levels=256)
    return Points(dimensions=shape[0]) if output.kind == "points" and len(shape) == 1 else space
