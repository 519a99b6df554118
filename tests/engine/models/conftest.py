"""The toys, exported once for all tests of a session."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from studio.api import ModelCard
from studio.engine.models.model import Model
from studio.kit.generator import Generator


@dataclass(frozen=True)
class Exported:
    generator: Generator
    card: ModelCard
    folder: Path
    model: Model


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Exported]:
    """A toy by name, exported when it is first asked for."""
    from studio.engine.models.export import export
    from tests.engine.models.toys import TOYS, about

    made = dict[str, Exported]()

    def of(name: str) -> Exported:
        if name not in made:
            torch.manual_seed(0)
            generator = TOYS[name]().eval()
            folder = tmp_path_factory.mktemp(name) / "model"
            card = export(generator, about(generator), folder)
            made[name] = Exported(generator, card, folder, Model.open(folder, "cpu"))
        return made[name]

    return of
