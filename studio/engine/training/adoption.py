"""Taking in a model that was trained elsewhere: loaded and exported by a process of its own, which is listened to."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ValidationError

from studio.api.errors import StudioError
from studio.api.frozen import Frozen
from studio.api.importer import ImportOptions, Outline
from studio.api.model import ModelCard
from studio.engine.models.card_file import read_card
from studio.engine.runs.endings import explain

PROCESS = "studio.engine.training.adopter"


class Adoption(Frozen):
    """What is to be taken in.

    Attributes:
        folder: where it lies.
        source: where it comes from, as the card is to say it.
        target: the folder that the model gets.
    """

    folder: Path
    outline: Outline
    options: ImportOptions
    title: str
    source: str
    target: Path
    disabled: tuple[str, ...] = ()


class Stage(Frozen):
    """How far it is: `done` of `total` graphs, and what is being made."""

    done: int
    total: int
    what: str


def adopt(adoption: Adoption, told: Callable[[Stage], None]) -> ModelCard:
    """Load and export it; the card of the new model.

    Raises:
        StudioError: it cannot be opened or exported, or there was not enough memory; nothing is left behind.
    """
    with TemporaryDirectory() as place:
        question = Path(place) / "adoption.json"
        question.write_text(adoption.model_dump_json(), "utf-8")
        command = [sys.executable, "-m", PROCESS, str(question)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL) as process:
            try:
                last = _follow(process, told)
            except BaseException:
                process.kill()
                raise
    if process.returncode:
        raise StudioError(last or explain(process.returncode, "The import"))
    return read_card(adoption.target)


def _follow(process: subprocess.Popen[bytes], told: Callable[[Stage], None]) -> str:
    """Pass on its stages; the last line that is none."""
    last = ""
    assert process.stdout
    for line in process.stdout:
        try:
            told(Stage.model_validate_json(line))
        except ValidationError:
            last = line.decode("utf-8", "replace").strip() or last
    return last
