"""The EDM on MNIST-5k that the zoo's diffusion line measures and that teaches the consistency models: trained once."""

import hashlib
import inspect
import json
import tempfile
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import studio_diffusion.diffusion
import studio_diffusion.edm
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import save_file

from studio.engine.plugins.discover import discover
from studio.engine.training.making import make
from studio.kit import ema, preconditioning
from studio.kit.networks import embedding, unet
from studio.kit.sampler import sample
from tests.benchmarks.zoo.trained import Trained, dataset, train

STEPS, BATCH = 2000, 64
PARAMS: dict[str, Any] = {"width": 32, "depth": 1, "patch": 2, "learning_rate": 1.5e-3, "ema": 0.998}
BUDGET = f"{STEPS} steps of {BATCH}, one thread"
SOURCES: tuple[ModuleType, ...] = (
    studio_diffusion.diffusion, studio_diffusion.edm, ema, preconditioning, embedding, unet,
)  # fmt: skip


@cache
def teacher() -> Trained:
    """EDM trained on MNIST-5k with its classes; the weights are kept in the temporary folder as long as recipe and code stay."""
    kept = Path(tempfile.gettempdir()) / f"studio-zoo-edm-{_key()}.safetensors"
    if not kept.exists():
        trained = train("edm", "mnist", steps=STEPS, batch_size=BATCH, **PARAMS)
        unfinished = kept.with_suffix(".part")
        save_file(trained.generator.state_dict(), unfinished, {"cpu_seconds": str(trained.cpu_seconds)})
        unfinished.replace(kept)
    return _opened(kept)


def _opened(kept: Path) -> Trained:
    card, data = discover().method("edm"), dataset("mnist")
    generator = make(card, data.signature, PARAMS).eval()
    with safe_open(kept, "pt") as file:
        generator.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118 - it is no mapping
        seconds = float(file.metadata()["cpu_seconds"])
    return Trained(card, generator, data, seconds)


def _key() -> str:
    code = "".join(inspect.getsource(module) for module in SOURCES)
    return hashlib.sha256((json.dumps([STEPS, BATCH, PARAMS]) + code).encode()).hexdigest()[:16]


def of_every_class(trained: Trained, count: int, sampler: str = "sample", seed: int = 1, **controls: Any) -> NDArray[Any]:
    """`count` samples, the classes in turn and without guidance beyond the class: (count, *space.shape)."""
    machine, parts = trained.generator.samplers()[sampler], list[torch.Tensor]()
    for first in range(0, count, 250):
        size = min(250, count - first)
        label = (first + torch.arange(size)) % trained.generator.classes
        parts.append(sample(machine, size, seed + first, {"label": label}, {"guidance_scale": 1.0, **controls}))
    return torch.cat(parts).numpy()
