"""What is known of a method before its code is imported."""

from typing import Any, Literal, Self

from pydantic import Field, JsonValue, model_validator

from studio.api.frozen import Frozen
from studio.api.params import Parameter, Params, describe

Family = Literal[
    "gan", "diffusion", "flow", "flow_matching", "vae", "autoregressive",
    "ebm", "transformer", "nerf", "hybrid", "consistency", "mamba",
]  # fmt: skip
SpaceKind = Literal["points", "image", "tokens", "audio", "views", "table"]


class Paper(Frozen):
    """A source: "Kingma and Welling, Auto-Encoding Variational Bayes, 2013" and its link."""

    title: str
    url: str


class Slot(Frozen):
    """Another trained model that a method needs, such as a teacher or an autoencoder."""

    name: str
    provides: str
    optional: bool = False


class Method(Frozen):
    """A method as plain data: what a window, a command line or a file needs to know of it."""

    id: str
    family: Family
    title: str
    summary: str
    papers: tuple[Paper, ...]
    accepts: tuple[SpaceKind, ...]
    conditional: bool = False
    provides: tuple[str, ...] = ()
    inputs: tuple[Slot, ...] = ()
    strengths: tuple[str, ...] = ()
    weaknesses: tuple[str, ...] = ()
    presets: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    plugin: str = ""

    @property
    def kinds(self) -> tuple[SpaceKind, ...]:
        """What it can be trained on: what it accepts, and sounds where it accepts pictures, for it then sees spectrograms."""
        heard: tuple[SpaceKind, ...] = ("audio",) if "image" in self.accepts and "audio" not in self.accepts else ()
        return self.accepts + heard


class GeneratorCard(Method):
    """A method with the way to its code: `implementation` is imported in a trainer only.

    Args:
        params: the parameters' declaration, from which `parameters` is derived.
        implementation: "package.module:Class", a `studio.kit.Generator`.
    """

    params: type[Params] = Field(exclude=True)
    implementation: str = Field(exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _derive_parameters(cls, data: Any) -> Any:
        return {**data, "parameters": describe(data["params"])}

    @model_validator(mode="after")
    def _check_presets(self) -> Self:
        known = {parameter.name for parameter in self.parameters} | {"steps", "batch_size"}
        for name, preset in self.presets.items():
            if unknown := set(preset) - known:
                raise ValueError(f"preset '{name}' sets unknown parameters {sorted(unknown)}")
        return self

    @property
    def method(self) -> Method:
        """The plain data alone."""
        return Method.model_validate(self.model_dump())
