"""A prompt in the form that a model was trained to be asked in."""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from numpy.typing import NDArray

from studio.api.errors import StudioError
from studio.api.model import ModelCard
from studio.api.words import read_words

EXPAND = "expand_prompt"


class Progress(Protocol):
    """What a run tells."""

    @property
    def samples(self) -> NDArray[Any] | None: ...


class Opened(Protocol):
    """What this needs of a `studio.engine.models.model.Model`."""

    card: ModelCard

    def run(self, sampler: str = ..., n: int = ..., *, inputs: Mapping[str, Any] | None = ...) -> Iterator[Progress]: ...


def expands(card: ModelCard) -> bool:
    """Whether a model can expand prompts: a sampler "expand_prompt" from words to words."""
    return any(sampler.name == EXPAND for sampler in card.samplers)


def expand(model: Opened, prompt: str) -> str:
    """The prompt, described as fully as the captions that the model learned from; an empty one stays empty.

    Raises:
        StudioError: the model expands no prompts, or knows no word of this one.
    """
    words = model.card.signature.words
    if not expands(model.card) or words is None:
        raise StudioError(f"{model.card.title} was not trained on expanded prompts. Link the prompt to it as it is.")
    if not prompt.strip():
        return ""
    *_, last = model.run(EXPAND, 1, inputs={"prompt": prompt})
    assert last.samples is not None
    return read_words(last.samples, words)[0]
