"""A small graph to begin with, of the models at hand."""

from collections.abc import Sequence

from studio.engine.engine import ModelInfo
from studio.engine.graph.document import Graph
from studio.ui.graph.catalog import Catalog
from studio.ui.graph.editing import Editing
from studio.ui.graph.linking import End

ACROSS = 288.0
DOWN = 336.0


def example(catalog: Catalog, models: Sequence[ModelInfo]) -> Graph:
    """A model, its noise and its samples; below, the way from one sample to the next where the model has a latent."""
    editing = Editing(catalog)
    model = _chosen(models)
    picked = editing.add("model", (0, 0), model=model.reference if model else "")
    noise = editing.add("noise", (ACROSS, 120), End(picked, "model", True), seed=0, count=16)
    sampled = _sample(editing, picked, noise, (2 * ACROSS, 0))
    if model and not _draws_words(model) and "interpolate" in catalog.types:
        between = editing.add("interpolate", (2 * ACROSS, DOWN + 60), _output(editing, noise), steps=8)
        _sample(editing, picked, between, (3 * ACROSS, DOWN))
    elif "text_view" in catalog.types and model and _draws_words(model):
        editing.add("text_view", (3 * ACROSS, 0), _output(editing, sampled))
    return editing.graph


def _sample(editing: Editing, model: str, noise: str, position: tuple[float, float]) -> str:
    sample = editing.add("sample", position, End(model, "model", True))
    start = _output(editing, noise)
    port = next(port.name for port in editing.catalog.types["sample"].inputs if port.kind == "latent")
    editing.connect(start, End(sample, port, False))
    return sample


def _output(editing: Editing, node: str) -> End:
    type = editing.catalog.types[editing.graph.node(node).type]
    return End(node, type.outputs[0].name, True)


def _chosen(models: Sequence[ModelInfo]) -> ModelInfo | None:
    return min(models, key=_rank, default=None)


def _rank(model: ModelInfo) -> tuple[bool, bool, bool]:
    return model.card.signature.space.kind != "image", not model.starter, model.card.family != "diffusion"


def _draws_words(model: ModelInfo) -> bool:
    return model.card.signature.space.kind == "tokens"
