"""One part of a training: its data, its state and its own updates."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from torch import Tensor

if TYPE_CHECKING:
    from studio.kit.source import Batch, Source
    from studio.kit.training import Training

Batches = Callable[[int], "Batch"]


class Stateful(Protocol):
    """Anything that can be saved and put back: an optimiser, a module, a buffer."""

    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state_dict: Any) -> Any: ...


class State:
    """Everything of a stage that changes while it trains and is not in the generator: optimisers, replay buffers.

    Example:
        >>> import torch
        >>> state = State(optimizer=torch.optim.Adam([torch.zeros(1, requires_grad=True)]))
        >>> sorted(state.state_dict())
        ['optimizer']
    """

    def __init__(self, **parts: Stateful) -> None:
        self._parts = parts

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_parts"][name]
        except KeyError:
            raise AttributeError(name) from None

    def state_dict(self) -> dict[str, Any]:
        """The parts' states by name."""
        return {name: part.state_dict() for name, part in self._parts.items()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Put every part back."""
        for name, part in self._parts.items():
            part.load_state_dict(state_dict[name])


class Stage:
    """Base of a stage: a method makes one by overriding `setup` and `step`.

    Attributes:
        name: shown beside the curve.
        share: this stage's part of the budget, relative to the other stages'.
    """

    name: str = "train"
    share: float = 1.0

    def data(self, source: "Source") -> Batches:
        """Batches by step number; shuffled epochs of the training data unless overridden."""
        return source.batches()

    def setup(self, training: "Training") -> State:
        """Optimisers and other state."""
        raise NotImplementedError

    def step(self, state: State, batch: "Batch", training: "Training") -> Mapping[str, Tensor]:
        """One step, with its own updates through `training.update`; returns scalars to plot."""
        raise NotImplementedError

    def validate(self, source: "Source", training: "Training") -> Mapping[str, float]:
        """Numbers on held-out data; must not draw from the global random state."""
        return {}
