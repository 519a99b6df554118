"""What nodes and links show, and in which colours: the theme read for the canvas."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from pydantic import JsonValue
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPixmap, QStaticText, QTextOption

from studio.api.model import ModelCard
from studio.api.node import NodeType
from studio.api.params import Parameter
from studio.api.sampler import Port
from studio.engine.engine import ModelInfo
from studio.engine.graph.document import Graph, GraphNode, Link
from studio.engine.rendering import Rendering
from studio.ui import theme
from studio.ui.graph.catalog import Catalog, numbered, port_named
from studio.ui.graph.linking import End
from studio.ui.graph.readiness import lacking, model_references
from studio.ui.graph.thumbnail import thumbnail

SHOWN_VALUES = 3
HUES = {
    "model": "#DE7426", "input": "#7C8BA1", "latent": "#9478E8", "generate": "#3E8EDE", "sampling": "#3E8EDE",
    "image": "#2FA39A", "view": "#59A34C", "output": "#59A34C", "text": "#C58B1B",
}  # fmt: skip
OTHER_HUE = "#7C8BA1"


@dataclass(frozen=True)
class Face:
    """What one node shows, apart from its last execution.

    Attributes:
        hue: of the header: the family's where the node is about a model, otherwise the category's.
        family: the model's family, empty where there is no model.
        values: the first few parameters, as label and text.
        lacking: inputs that must be linked and are not.
    """

    type: NodeType
    title: str
    hue: str
    family: str
    values: tuple[tuple[str, str], ...]
    lacking: tuple[str, ...]
    missing: bool


class Look:
    """Faces of nodes, colours of links, pictures of results."""

    def __init__(self, catalog: Catalog, models: Iterable[ModelInfo] = ()) -> None:
        self.catalog = catalog
        self.models: Mapping[str, ModelCard] = {model.reference: model.card for model in models}

    def cards(self, graph: Graph) -> dict[str, ModelCard]:
        """For each node the card of the model it is about, where that model is known."""
        references = model_references(graph, self.catalog)
        return {id: self.models[reference] for id, reference in references.items() if reference in self.models}

    def faces(self, graph: Graph) -> dict[str, Face]:
        """What each node shows."""
        cards, lacks = self.cards(graph), lacking(graph, self.catalog)
        return {node.id: self._face(graph, node, cards.get(node.id), lacks[node.id]) for node in graph.nodes}

    def _face(self, graph: Graph, node: GraphNode, card: ModelCard | None, lacks: tuple[str, ...]) -> Face:
        type = self.catalog.of(graph, node)
        family = card.family if card and _is_about_model(type) else ""
        return Face(
            type=type,
            title=numbered(self.catalog, graph, node),
            hue=theme.family_style(family).hue if family else HUES.get(type.category.lower(), OTHER_HUE),
            family=family,
            values=self._values(type, node),
            lacking=lacks,
            missing=node not in self.catalog,
        )

    def _values(self, type: NodeType, node: GraphNode) -> tuple[tuple[str, str], ...]:
        shown = [pair for parameter in type.parameters if parameter.basic for pair in self._pairs(parameter, node)]
        return tuple((label, text) for label, text in shown if text)[:SHOWN_VALUES]

    def _pairs(self, parameter: Parameter, node: GraphNode) -> list[tuple[str, str]]:
        value = node.values.get(parameter.name, parameter.default)
        if isinstance(value, dict):
            return [(name.replace("_", " ").capitalize(), _written(part)) for name, part in value.items()]
        return [(parameter.title, self._value(parameter, value))]

    def _value(self, parameter: Parameter, value: JsonValue) -> str:
        if isinstance(value, str) and value in self.models:
            return self.models[value].title
        return f"{_written(value)} {parameter.unit}".strip()

    def port(self, graph: Graph, end: End) -> Port | None:
        """The port at an end, or None."""
        type = self.catalog.of(graph, graph.node(end.node))
        return port_named(type.outputs if end.output else type.inputs, end.port)

    def port_colour(self, graph: Graph, end: End) -> QColor:
        """The colour of what flows through a port."""
        port = self.port(graph, end)
        return QColor(theme.port_style(port.kind if port else "any").colour)

    def link_colours(self, graph: Graph) -> dict[Link, QColor]:
        """For each link the colour of what flows through it: that of its output."""
        nodes = {node.id: self.catalog.of(graph, node) for node in graph.nodes}
        ports = {link: port_named(nodes[link.source].outputs, link.output) for link in graph.links}
        return {link: QColor(theme.port_style(port.kind if port else "any").colour) for link, port in ports.items()}

    def thumbnail(self, rendering: Rendering) -> QPixmap:
        """A result, small."""
        return thumbnail(rendering)


def _written(value: JsonValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:g}"
    return "" if value is None else str(value).split("\n", maxsplit=1)[0]


def _is_about_model(type: NodeType) -> bool:
    return any(port.kind == "model" for port in (*type.inputs, *type.outputs)) and type.category.lower() != "input"


FONTS = {
    "title": theme.strong,
    "port": lambda: theme.font("caption"),
    "caption": lambda: theme.font("caption"),
    "value": theme.mono,
}


@lru_cache(maxsize=4096)
def static_text(text: str, role: str, width: float, wrapped: bool = False) -> QStaticText:
    """Text laid out once; cut with an ellipsis to `width`, or `wrapped` into lines of it."""
    font = FONTS[role]()
    made = QStaticText(text if wrapped else QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width))
    made.setTextFormat(Qt.TextFormat.PlainText)
    if wrapped:
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        made.setTextOption(option)
        made.setTextWidth(width)
    made.prepare(font=font)
    return made
