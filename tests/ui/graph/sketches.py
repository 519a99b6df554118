"""Node types and graphs for these tests, declared through the public `node` decorator."""

from typing import Annotated, Any, Literal

from studio.api.node import node
from studio.api.params import param
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.ui.graph.catalog import Catalog
from studio.ui.graph.editing import Editing
from studio.ui.graph.linking import End


@node("model", "Model", category="model", outputs={"model": "model"})
def model(reference: str = param("starter:ddpm", "Which model.")) -> Any:
    """A trained model."""


@node("noise", "Noise", category="input", outputs={"noise": "latent"})
def noise(
    model: Annotated[Any, "model"], seed: int = param(0, "Seed.", ge=0), count: int = param(4, "How many.", ge=1, le=64)
) -> Any:
    """Noise from a seed."""


@node("sample", "Sample", category="generate", outputs={"samples": "samples"})
def sample(
    model: Annotated[Any, "model"],
    noise: Annotated[Any, "latent"],
    label: Annotated[Any, "label"] = None,
    sampler: str = param("sample", "Which sampler."),
    guidance: float = param(2.0, "Guidance.", ge=0, le=10),
) -> Any:
    """Samples from a model."""


@node("invert", "Invert", category="image", outputs={"image": "image"})
def invert(image: Annotated[Any, "image"], mode: Literal["full", "half"] = param("full", "How much.")) -> Any:
    """The negative of a picture."""


@node("save_image", "Save image", category="output", outputs={}, pure=False)
def save_image(image: Annotated[Any, "image"]) -> Any:
    """Writes a picture."""


@node("decode", "Decode", category="model", outputs={"image": "image"})
def decode(latent: Annotated[Any, "latent"]) -> Any:
    """A picture from a latent."""


TYPES = [declared.type for declared in (model, noise, sample, invert, save_image, decode)]


def catalog() -> Catalog:
    return Catalog(TYPES)


def editing(graph: Graph | None = None, clock: Any = None) -> Editing:
    return Editing(catalog(), graph, **({"clock": clock} if clock else {}))


def chain() -> Graph:
    """model → noise → sample → invert → save_image."""
    kinds = ["model", "noise", "sample", "invert", "save_image"]
    nodes = tuple(GraphNode(id=kind, type=kind, position=(240.0 * i, 0.0)) for i, kind in enumerate(kinds))
    links = (
        Link(source="model", output="model", target="noise", input="model"),
        Link(source="model", output="model", target="sample", input="model"),
        Link(source="noise", output="noise", target="sample", input="noise"),
        Link(source="sample", output="samples", target="invert", input="image"),
        Link(source="invert", output="image", target="save_image", input="image"),
    )
    return Graph(nodes=nodes, links=links)


def out(node: str, port: str) -> End:
    return End(node, port, output=True)


def into(node: str, port: str) -> End:
    return End(node, port, output=False)
