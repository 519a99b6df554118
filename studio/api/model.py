"""What an exported model says of itself, kept in the metadata of each of its graphs."""

from pydantic import Field, JsonValue

from studio.api.card import Family
from studio.api.frozen import Frozen
from studio.api.sampler import SamplerCard, ScoreCard
from studio.api.space import Signature


class ModelCard(Frozen):
    """An exported model: what it is, where it came from, what it can do and what was measured."""

    format: int = 1
    id: str
    title: str
    method: str
    family: Family
    plugin: str
    signature: Signature
    params: dict[str, JsonValue]
    dataset: str
    run: str
    step: int
    parameters: int
    created: str
    studio: str
    samplers: tuple[SamplerCard, ...]
    scores: tuple[ScoreCard, ...] = ()
    parity: dict[str, float] = Field(default_factory=dict)
    speed: dict[str, float] = Field(default_factory=dict)
    numbers: dict[str, float] = Field(default_factory=dict)

    def sampler(self, name: str) -> SamplerCard:
        """The sampler called `name`; KeyError where there is none."""
        return {sampler.name: sampler for sampler in self.samplers}[name]
