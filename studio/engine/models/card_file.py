"""Reading what a model says of itself."""

from pathlib import Path

from pydantic import ValidationError

from studio.api.errors import StudioError
from studio.api.model import ModelCard
from studio.engine.models.names import CARD


def read_card(folder: Path) -> ModelCard:
    """The card of a model's folder; StudioError where there is none, or it cannot be read."""
    path = folder / CARD
    if not path.is_file():
        raise StudioError(f"{folder} holds no model: there is no {CARD} in it.")
    try:
        return ModelCard.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StudioError(f"{path} cannot be read ({str(error).splitlines()[0]}). Export the model again.") from error
