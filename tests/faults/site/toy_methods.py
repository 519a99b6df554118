"""Cards of a method that fits a point cloud's mean and spread, and goes wrong on request."""

from typing import Literal

from studio.api import DatasetCard, GeneratorCard, Params, hookimpl, param

Fault = Literal["none", "nan", "raise", "quit", "segfault", "exit", "deaf", "flood", "native_flood", "print", "out_of_memory"]


class ToyParams(Params):
    fault: Fault = param("none", "What goes wrong.")
    at: int = param(5, "The step it goes wrong at.", ge=0)
    delay: float = param(0.0, "Seconds that a step takes at least.", ge=0.0)
    size: int = param(4, "Unused weights, to make checkpoints larger.", ge=1)


@hookimpl
def studio_generators():
    return [
        GeneratorCard(
            id="toy", family="flow", title="Toy", summary="A mean and a spread.", papers=(), accepts=("points",),
            params=ToyParams, implementation="toy_trainers:Toy",
        )
    ]  # fmt: skip


@hookimpl
def studio_datasets():
    return [
        DatasetCard(id="cloud", title="Cloud", summary="A blob.", kind="points", licence="CC0", loader="toy_trainers:cloud"),
        DatasetCard(id="words", title="Words", summary="Text.", kind="tokens", licence="CC0", loader="toy_trainers:cloud"),
    ]
