"""The process that takes in a model from elsewhere.

    python -m studio.engine.training.adopter FILE    FILE is an `Adoption` as JSON; its stages are told as JSON, one a line

Exit codes: 0 done, 1 it cannot be opened or exported, 70 a plugin failed; the last line says why.
"""

import sys
import traceback
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import studio
from studio.api.errors import StudioError
from studio.api.importer import ImporterCard
from studio.api.model import ModelCard
from studio.engine.models.foreign import holds_graphs
from studio.engine.models.foreign_graphs import prepared
from studio.engine.plugins.discover import discover
from studio.engine.plugins.load import load
from studio.engine.training.adoption import Adoption, Stage
from studio.engine.training.blame import words
from studio.engine.training.device import use_threads
from studio.engine.training.exits import OK, PLUGIN_FAILED, REFUSED
from studio.kit.generator import Generator

LARGE = 2**28
"""Bytes of weights from which on one sample must do for the checks."""


def main(file: Path) -> int:
    """Do it; the exit code."""
    try:
        _adopt(Adoption.model_validate_json(file.read_bytes()))
    except StudioError as error:
        print(error, flush=True)
        return REFUSED
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the process's boundary
        traceback.print_exc()
        print(f"The import failed: {words(error)}", flush=True)
        return PLUGIN_FAILED
    return OK


def _adopt(adoption: Adoption) -> None:
    from studio.engine.models.export import export

    _bound_memory()
    use_threads()
    card = discover(adoption.disabled).importers[adoption.outline.importer]
    _tell(0, 1, "loading the weights")
    large = adoption.outline.size >= LARGE
    with _readable(adoption) as folder:
        generator: Generator = load(card.implementation)(folder, adoption.options)
        export(generator.eval(), _about(adoption, card, generator), adoption.target, progress=_tell, large=large)


def _readable(adoption: Adoption) -> AbstractContextManager[Path]:
    """The folder itself, or where it holds graphs a guarded copy."""
    if not holds_graphs(adoption.folder):
        return nullcontext(adoption.folder)
    adoption.target.parent.mkdir(parents=True, exist_ok=True)
    return prepared(adoption.folder, adoption.target.parent)


def _bound_memory() -> None:
    """Fail here rather than take the memory that other programs need."""
    if sys.platform == "linux":
        import resource

        import psutil

        free = psutil.virtual_memory().available
        resource.setrlimit(resource.RLIMIT_DATA, (free, free))


def _tell(done: int, total: int, what: str) -> None:
    print(Stage(done=done, total=total, what=what).model_dump_json(), flush=True)


def _about(adoption: Adoption, card: ImporterCard, generator: Generator) -> ModelCard:
    return ModelCard(
        id=adoption.target.name, title=adoption.title, method=card.id, family=card.family, plugin=card.plugin,
        signature=generator.signature, params={"architecture": adoption.outline.architecture, **adoption.outline.details},
        dataset=adoption.source, run="", step=0, parameters=_count(generator) or adoption.outline.parameters,
        created=datetime.now(UTC).isoformat(timespec="seconds"), studio=studio.__version__, samplers=(),
    )  # fmt: skip


def _count(generator: Generator) -> int:
    return sum(weight.numel() for weight in generator.parameters())


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
