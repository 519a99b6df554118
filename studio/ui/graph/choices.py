"""Parameters whose values depend on what there is: models and data sets, a chosen model's samplers and classes."""

from collections.abc import Mapping
from typing import NamedTuple

from pydantic import JsonValue
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QWidget

from studio.api.model import ModelCard
from studio.api.node import NodeType
from studio.api.params import Parameter
from studio.ui import theme
from studio.ui.panels import caption


class Choices(NamedTuple):
    """What a parameter may be, as title and value; `open` where something else may be typed."""

    options: tuple[tuple[str, str], ...]
    open: bool = False


def choices_of(
    parameter: Parameter, type: NodeType, card: ModelCard | None, models: Mapping[str, ModelCard], datasets: Mapping[str, str]
) -> Choices | None:
    """The choices for a parameter of a node, None where its own form field serves; `datasets` are titles by id."""
    if parameter.kind != "text":
        return None
    if parameter == type.parameters[0] and any(port.kind == "model" for port in type.outputs):
        return Choices(tuple((_model_title(card), reference) for reference, card in models.items()))
    if parameter.name == "data" and datasets:
        return Choices(tuple((title, id) for id, title in datasets.items()), open=True)
    if parameter.name == "sampler" and card:
        return Choices(tuple((sampler.name.replace("_", " "), sampler.name) for sampler in card.samplers))
    if parameter.name == "label" and card and card.signature.classes:
        return Choices((("any class", ""), *((name, name) for name in card.signature.classes)), open=True)
    return None


def _model_title(card: ModelCard) -> str:
    return f"{card.title} · {theme.family_style(card.family).title} · {card.dataset}"


class ChoiceRow(QWidget):
    """A label and a list of titles that stand for values.

    Signals:
        edited: the value that the user chose or typed.
    """

    edited = Signal(str)

    def __init__(self, parameter: Parameter, choices: Choices) -> None:
        super().__init__()
        self._choices = choices
        self.list = QComboBox()
        self.list.setAccessibleName(parameter.title)
        self.list.setToolTip(parameter.help)
        self.list.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.list.setEditable(choices.open)
        for title, value in choices.options:
            self.list.addItem(title, value)
        label = caption(parameter.title)
        label.setMinimumWidth(84)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.list, 1)
        self.list.activated.connect(lambda: self.edited.emit(self.list.currentData()))
        if choices.open:
            self.list.lineEdit().editingFinished.connect(self._typed)

    def show_value(self, value: JsonValue) -> None:
        """Show a value, also one that is not among the choices."""
        text = "" if value is None else str(value)
        index = self.list.findData(text)
        if index < 0 and not self._choices.open:
            self.list.addItem(f"{text} (not found)" if text else "choose…", text)
            index = self.list.count() - 1
        self.list.setCurrentIndex(index)
        if index < 0:
            self.list.setEditText(text)

    def _typed(self) -> None:
        text = self.list.currentText()
        known = self.list.findText(text)
        self.edited.emit(self.list.itemData(known) if known >= 0 else text)
