"""The form of one node: its parameters, with what its model knows about them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.api.model import ModelCard
from studio.api.node import NodeType
from studio.api.params import Parameter
from studio.engine.graph.document import GraphNode
from studio.ui.forms import Form
from studio.ui.graph.choices import ChoiceRow, Choices, choices_of
from studio.ui.panels import caption


class NodeForm(QWidget):
    """Editors for a node's values, made anew only when its type or its model changes.

    Signals:
        edited: the name of a value and what it is now.
    """

    edited = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._made_for: object = None
        self._values: dict[str, Any] = {}
        self.choices: dict[str, ChoiceRow] = {}
        self.plain: Form | None = None
        self.controls: dict[str, Form] = {}

    def show_node(
        self,
        node: GraphNode,
        type: NodeType,
        card: ModelCard | None,
        models: Mapping[str, ModelCard],
        datasets: Mapping[str, str],
    ) -> None:
        """Show the values of a node; `card` is the model it is about."""
        values = {parameter.name: parameter.default for parameter in type.parameters} | node.values
        wanted = (node.id, type.id, card and card.id, values.get("sampler"), tuple(models), tuple(datasets))
        if wanted != self._made_for:
            self._made_for = wanted
            self._rebuild(type, values, lambda parameter: choices_of(parameter, type, card, models, datasets), card)
        self._show(values)

    def _rebuild(
        self, type: NodeType, values: dict[str, Any], choices_for: Callable[[Parameter], Choices | None], card: ModelCard | None
    ) -> None:
        self._clear()
        plain: list[Parameter] = []
        for parameter in type.parameters:
            if choices := choices_for(parameter):
                self._add_choices(parameter.name, ChoiceRow(parameter, choices))
            elif parameter.kind == "mapping":
                self._add_controls(parameter.name, card, str(values.get("sampler", "")))
            else:
                plain.append(parameter)
        if plain:
            self.plain = Form(plain, compact=True)
            self.plain.changed.connect(self._edited)
            self._column.insertWidget(len(self.choices), self.plain)

    def _clear(self) -> None:
        self.plain = None
        self.choices.clear()
        self.controls.clear()
        while item := self._column.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()

    def _add_choices(self, name: str, row: ChoiceRow) -> None:
        self.choices[name] = row
        row.edited.connect(lambda value: self.edited.emit(name, value))
        self._column.insertWidget(len(self.choices) - 1, row)

    def _add_controls(self, name: str, card: ModelCard | None, sampler: str) -> None:
        controls = next((found.controls for found in card.samplers if found.name == sampler), ()) if card else ()
        if controls:
            form = self.controls[name] = Form(controls, compact=True)
            form.changed.connect(lambda values: self.edited.emit(name, _changed(controls, values)))
            self._column.addWidget(caption(name.capitalize()))
            self._column.addWidget(form)

    def _edited(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            if value != self._values.get(name):
                self.edited.emit(name, value)

    def _show(self, values: dict[str, Any]) -> None:
        self._values = values
        for name, row in self.choices.items():
            row.show_value(values.get(name))
        if self.plain:
            _show_differing(self.plain, values)
        for name, form in self.controls.items():
            _show_differing(form, {**_defaults(form), **(values.get(name) or {})})


def _defaults(form: Form) -> dict[str, Any]:
    return {name: form.field(name).parameter.default for name in form.values()}


def _show_differing(form: Form, values: Mapping[str, Any]) -> None:
    shown = form.values()
    form.set_values({name: value for name, value in values.items() if name in shown and shown[name] != value})


def _changed(controls: tuple[Parameter, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_differing(controls, values))


def _differing(controls: tuple[Parameter, ...], values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for control in controls:
        if values[control.name] != control.default:
            yield control.name, values[control.name]
