"""A node's inputs as a list of choices: connecting without a mouse."""

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QSizePolicy, QWidget

from studio.api.sampler import Port
from studio.ui import glyphs, theme
from studio.ui.graph.catalog import numbered
from studio.ui.graph.editing import Editing
from studio.ui.graph.linking import End, feeding, welcoming
from studio.ui.panels import caption


class Mark(QWidget):
    """A port's shape in its colour."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind
        self.setFixedSize(14, 14)
        self.setToolTip(kind)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(QRectF(self.rect()).center())
        painter.setPen(theme.colour("ground"))
        painter.setBrush(theme.colour(theme.port_style(self._kind).colour))
        painter.drawPath(glyphs.port_path(self._kind, 5))


class Inputs(QWidget):
    """One row per input port: its shape, its name, and everything it could be linked to."""

    refused = Signal(str)

    def __init__(self, editing: Editing) -> None:
        super().__init__()
        self._editing = editing
        self._node = ""
        self.choices: dict[str, QComboBox] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(2, 1)

    def show_node(self, id: str) -> None:
        """List the inputs of a node."""
        ports = self._ports(id)
        if id != self._node or set(self.choices) != {port.name for port in ports}:
            self._rebuild(id, ports)
        for port in ports:
            self._fill(port)

    def _ports(self, id: str) -> tuple[Port, ...]:
        graph = self._editing.graph
        return self._editing.catalog.of(graph, graph.node(id)).inputs

    def _rebuild(self, id: str, ports: tuple[Port, ...]) -> None:
        self._node = id
        self.choices.clear()
        while item := self._grid.takeAt(0):
            if widget := item.widget():
                widget.deleteLater()
        for row, port in enumerate(ports):
            self._row(row, port)

    def _row(self, row: int, port: Port) -> None:
        choice = QComboBox()
        choice.setAccessibleName(f"What {port.name} is linked to")
        choice.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        choice.activated.connect(lambda _, name=port.name: self._choose(name))
        self.choices[port.name] = choice
        self._grid.addWidget(Mark(port.kind), row, 0)
        self._grid.addWidget(caption(port.name.replace("_", " ")), row, 1)
        self._grid.addWidget(choice, row, 2)

    def _fill(self, port: Port) -> None:
        graph, choice = self._editing.graph, self.choices[port.name]
        link = feeding(graph, self._node, port.name)
        current = End(link.source, link.output, True) if link else None
        ends = welcoming(graph, self._editing.catalog, End(self._node, port.name, False))
        choice.clear()
        choice.addItem("not linked" if port.optional else "not linked (needed)", None)
        for end in [*([current] if current and current not in ends else []), *ends]:
            choice.addItem(self._named(end), end)
        choice.setCurrentIndex(next((i for i in range(choice.count()) if choice.itemData(i) == current), 0))

    def _named(self, end: End) -> str:
        graph, catalog = self._editing.graph, self._editing.catalog
        node = graph.node(end.node)
        port = f" · {end.port.replace('_', ' ')}" if len(catalog.of(graph, node).outputs) > 1 else ""
        return f"{numbered(catalog, graph, node)}{port}"

    def _choose(self, port: str) -> None:
        end = self.choices[port].currentData()
        link = feeding(self._editing.graph, self._node, port)
        if end is None and link is not None:
            self._editing.disconnect(link)
        elif end is not None and (refused := self._editing.connect(end, End(self._node, port, False))):
            self.refused.emit(refused.text)
