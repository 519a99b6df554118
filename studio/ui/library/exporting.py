"""Copying an exported model to a folder of the user's choice."""

import shutil
from pathlib import Path

from studio.api.errors import StudioError
from studio.engine.engine import ModelInfo
from studio.engine.models.catalog import resolve


def export_model(model: ModelInfo, into: Path) -> Path:
    """Copy a model's files into a new folder in `into`; returns that folder.

    Raises:
        StudioError: the files are gone, or cannot be written there.
    """
    source = resolve(model.reference)
    target = _free_name(into, "".join(c if c.isalnum() or c in "-_ " else "-" for c in model.card.title))
    try:
        shutil.copytree(source, target)
    except FileNotFoundError:
        raise StudioError(f"The files of {model.card.title} are no longer at {source}.") from None
    except (OSError, shutil.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise StudioError(f"{model.card.title} cannot be copied to {into}: {reason}. Choose another folder.") from None
    return target


def _free_name(into: Path, name: str) -> Path:
    number = 1
    while (target := into / (name if number == 1 else f"{name} {number}")).exists():
        number += 1
    return target
