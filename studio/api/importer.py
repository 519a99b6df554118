"""How models that were trained elsewhere are opened: what a plugin says of itself, and of a folder before it is loaded."""

from pydantic import Field, JsonValue

from studio.api.card import Family, Paper
from studio.api.frozen import Frozen


class ImportOptions(Frozen):
    """What may be chosen for a model from elsewhere.

    Attributes:
        context: how many tokens a language model is to see at once; 0 leaves it to the model, and to 1024 at most.
    """

    context: int = Field(default=0, ge=0)


class Outline(Frozen):
    """What a folder holds, as its texts and the heads of its files of weights tell it; nothing of it has been loaded.

    Attributes:
        architecture: such as "StableDiffusionPipeline" or "LlamaForCausalLM".
        weights: numbers in the model, by the type they are kept in, such as {"F16": 1066235307}.
        activations: bytes that one sample needs beside the weights, about.
    """

    importer: str
    architecture: str
    title: str
    weights: dict[str, int]
    activations: int
    details: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """Numbers in all."""
        return sum(self.weights.values())

    @property
    def size(self) -> int:
        """Bytes of the exported model: four for each number."""
        return 4 * self.parameters

    @property
    def memory_to_run(self) -> int:
        """Bytes to make one sample, about."""
        return self.size + self.activations

    @property
    def memory_to_import(self) -> int:
        """Bytes to turn it into graphs, at most about: the weights in torch, in what is traced and in an open graph, which turns
        and repacks them, and samples to compare.

        Seen were 3.3 GB at 0.51 GB of weights (GPT-2, 127 million) and 2.3 GB at 0.52 GB (Stable Diffusion, 130 million).
        """
        return OVERHEAD + 7 * self.size + 5 * self.activations


OVERHEAD = 10**9
"""torch, onnx and what describes a graph."""


class ImporterCard(Frozen):
    """A kind of model that a plugin can open.

    Args:
        mark: the file at the top of a folder by which it is known, such as "model_index.json".
        graphs: whether it also opens a folder of graphs that were exported elsewhere; it is given a guarded copy of it, in which
            every graph is a "model.onnx" in a folder of its own.
        packages: what must be installed beside the studio, by the names they are imported by.
        outline: "package.module:function", from (folder, options) to an `Outline`, without torch; StudioError where the folder
            cannot be opened.
        implementation: "package.module:function", from (folder, options) to a `studio.kit.Generator`; called in a process of
            its own.
    """

    id: str
    family: Family
    title: str
    papers: tuple[Paper, ...]
    mark: str
    graphs: bool = False
    packages: tuple[str, ...] = ()
    plugin: str = ""
    outline: str = Field(exclude=True)
    implementation: str = Field(exclude=True)
