"""A graph node is a declaration over a pure function: ports and form come from its signature."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Protocol, get_args, get_origin, get_type_hints

from pydantic import JsonValue
from pydantic.fields import FieldInfo

from studio.api.dataset import Dataset
from studio.api.frozen import Frozen
from studio.api.params import Parameter, Params, describe
from studio.api.sampler import Port, PortKind

Function = Callable[..., Any]
Identity = Callable[[Mapping[str, Any]], str]


class NodeContext(Protocol):
    """What a node may ask of the engine while it runs.

    Attributes:
        folder: where a node with side effects writes.
        lineage: where its inputs come from, as JSON: "graph", "models" and "seed".
    """

    @property
    def folder(self) -> Path: ...
    @property
    def lineage(self) -> dict[str, JsonValue]: ...

    def report(self, step: int, total: int, preview: Any = None) -> None:
        """Tell that `step` of `total` is done, with what there is so far; raises `Stopped` where the user said stop."""
        ...

    def model(self, reference: str, provider: str = "auto") -> Any:
        """The opened model called `reference`, a `studio.engine.models.Model`."""
        ...

    def dataset(self, reference: str) -> Dataset:
        """The data called `reference`: a data set's id, or a path; StudioError where there is none."""
        ...

    def note(self, text: str = "", provider: str = "") -> None:
        """Say what the user should know of this result, and the provider that was really used."""
        ...


class NodeType(Frozen):
    """A kind of node as plain data; `pure` says that equal inputs give an equal result, so it may be cached."""

    id: str
    title: str
    summary: str
    category: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    parameters: tuple[Parameter, ...]
    pure: bool = True


@dataclass(frozen=True)
class Node:
    """A node type and the function behind it; `identity` names what the result depends on besides inputs and values."""

    type: NodeType
    function: Function
    identity: Identity | None = None


def node(
    id: str,
    title: str,
    *,
    category: str,
    outputs: dict[str, PortKind],
    pure: bool = True,
    identity: Identity | None = None,
) -> Callable[[Function], Node]:
    """Declare a node.

    A keyword with `Annotated[T, "image"]` is an input port of that kind (optional where it defaults to None); one whose
    default is a `param(...)` is a form field; `context` receives the `NodeContext` (report progress, models, folders).
    The function returns a tuple in the order of `outputs`, or the single value. `identity` gets the form's values and
    returns a text that changes when something outside changes, such as a file that is read.

    Example:
        >>> @node("invert", "Invert", category="image", outputs={"image": "image"})
        ... def invert(image: Annotated[object, "image"]) -> object:
        ...     return image
        >>> invert.type.inputs[0].kind
        'image'
    """

    def declare(function: Function) -> Node:
        hints = get_type_hints(function, include_extras=True)
        signature = inspect.signature(function).parameters
        ports = [
            _port(name, hints[name], signature[name].default) for name in signature if get_origin(hints.get(name)) is Annotated
        ]
        fields = {name: (hints[name], p.default) for name, p in signature.items() if isinstance(p.default, FieldInfo)}
        form = type(
            "Form",
            (Params,),
            {"__annotations__": {n: h for n, (h, _) in fields.items()}, **{n: f for n, (_, f) in fields.items()}},
        )
        summary = (inspect.getdoc(function) or "").split("\n", maxsplit=1)[0]
        outs = tuple(Port(name=name, kind=kind) for name, kind in outputs.items())
        kind = NodeType(
            id=id, title=title, summary=summary, category=category, inputs=tuple(ports), outputs=outs,
            parameters=describe(form), pure=pure,
        )  # fmt: skip
        return Node(kind, function, identity)

    return declare


def _port(name: str, hint: Any, default: Any) -> Port:
    return Port(name=name, kind=get_args(hint)[1], optional=default is None)


def fits(output: PortKind, target: PortKind) -> bool:
    """Whether a link may run from a port of kind `output` to one of kind `target`."""
    samples = {"image", "text", "audio", "points", "table", "scene"}
    loose = (
        ("any" in (output, target)) or (output == "samples" and target in samples) or (target == "samples" and output in samples)
    )
    return output == target or loose
