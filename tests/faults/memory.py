"""A training that leaves its traces in memory: what an uninterrupted run looks like."""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray
from torch import Tensor

from studio.api.events import Event, Step


class Memory:
    """A recorder that remembers every loss and every preview by its step."""

    def __init__(self) -> None:
        self.losses: dict[int, float | None] = {}
        self.shown: dict[int, NDArray[Any]] = {}

    def report(self, event: Event) -> None:
        if isinstance(event, Step):
            self.losses[event.step] = event.values["loss"]

    def save(self, step: int, tensors: Mapping[str, Tensor], facts: Any) -> None: ...

    def preview(self, step: int, samples: NDArray[Any], insights: Mapping[str, Any]) -> None:
        self.shown[step] = samples
