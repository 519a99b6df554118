"""What a plugin implements: a module that names its stages, samplers and scores."""

from collections.abc import Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from studio.api.errors import StudioError
from studio.api.sampler import Noise, Port, PortKind, ScoreCard
from studio.api.space import Signature, Space, Tokens
from studio.kit.insight import Insight
from studio.kit.sampler import Given, Sampler
from studio.kit.stage import Stage


class Score:
    """One number per sample, exported like a sampler.

    Attributes:
        unit: such as "nats".
        inputs: "sample" first, then what else it needs.
        noise: what an estimate draws, per sample.
        exact: whether it is the log-density itself in nats, which then integrates to one.
    """

    unit: str = "nats"
    higher_is_better: bool = True
    inputs: tuple[Port, ...] = ()
    noise: Noise | None = None
    exact: bool = False

    def score(self, sample: Tensor, noise: Tensor, given: Given) -> Tensor:
        """(n, *space.shape) -> (n,)"""
        raise NotImplementedError

    def card(self, name: str) -> ScoreCard:
        """The score as plain data."""
        return ScoreCard(
            name=name, unit=self.unit, higher_is_better=self.higher_is_better, inputs=self.inputs, noise=self.noise
        )  # fmt: skip


class Generator(nn.Module):
    """Base of every method.

    Args:
        signature: the space of a sample and the class names.
        params: an instance of the card's parameter class.
        inputs: other trained models the card asks for, by slot name.
    """

    def __init__(self, signature: Signature, params: Any, inputs: Mapping[str, nn.Module] | None = None) -> None:
        super().__init__()
        self.signature = signature
        self.params = params
        self.inputs = dict(inputs or {})

    @property
    def space(self) -> Space:
        """The space of one sample."""
        return self.signature.space

    @property
    def classes(self) -> int:
        """Number of classes, 0 where unconditional; the label `classes` itself means "any"."""
        return len(self.signature.classes)

    def stages(self) -> Sequence[Stage]:
        """What is trained, in order."""
        raise NotImplementedError

    def samplers(self) -> Mapping[str, Sampler]:
        """Ways to make samples; "sample" is the one that previews and comparisons use."""
        raise NotImplementedError

    def scores(self) -> Mapping[str, Score]:
        """Numbers per sample, such as "log_prob"."""
        return {}

    def insights(self) -> Mapping[str, Insight]:
        """What the method shows of itself while it trains, by name; asked only where samples are points of the plane."""
        return {}

    def label_ports(self) -> tuple[Port, ...]:
        """A label input where the data has classes."""
        return (Port(name="label", kind="label", dtype="int64", optional=True),) if self.classes else ()


def sample_port(space: Space, name: str = "sample") -> Port:
    """The port of one sample of a space."""
    kinds: dict[str, PortKind] = {"tokens": "text", "views": "scene"}
    kind: Any = kinds.get(space.kind, space.kind)
    shape = (-1,) if isinstance(space, Tokens) else space.shape
    return Port(name=name, kind=kind, shape=shape, dtype="int64" if isinstance(space, Tokens) else "float32")


def prompt_port(words: Tokens, name: str = "prompt") -> Port:
    """The port of words for a model that makes something else than text; nothing said is a row of padding."""
    return Port(name=name, kind="text", shape=(words.length,), dtype="int64", optional=True)


def require(space: Space, *kinds: type[Any]) -> None:
    """Raise StudioError where a method cannot model a space."""
    if not isinstance(space, kinds):
        allowed = " or ".join(kind.__name__.lower() for kind in kinds)
        raise StudioError(f"This method models {allowed}, not {space.kind}; choose another dataset or method.")
