"""A trained model, by its reference."""

from collections.abc import Mapping
from typing import Any

from studio.api.errors import StudioError
from studio.api.node import node
from studio.api.params import param
from studio.api.values import ModelValue


def identity(values: Mapping[str, Any]) -> str:
    """Changes when the model's files do, so that a model trained again is not mistaken for the one before."""
    from studio.engine.models.catalog import identity as of_files

    return of_files(values["model"]) if values["model"] else ""


@node("model", "Model", category="model", outputs={"model": "model"}, identity=identity)
def model(
    model: str = param("", 'What to run: a starter model ("starter:ddpm"), a run ("run:ID") or the path of an exported model.'),
) -> ModelValue:
    """A trained model, ready to be run by other nodes."""
    if not model:
        raise StudioError("No model is chosen. Choose one in the node's form.")
    return ModelValue(model)
