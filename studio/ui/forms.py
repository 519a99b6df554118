"""A form built from parameters: limits, units, help and conditions come from their declaration alone."""

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from studio.api.params import Parameter
from studio.ui import theme
from studio.ui.buttons import button, glyph_button
from studio.ui.fields import BooleanField, Field, field
from studio.ui.panels import words


class Form(QWidget):
    """Editors for parameters: the basic ones first, the rest folded under "More".

    Args:
        parameters: what to edit.
        values: what differs from the defaults.
        compact: one row each, label and editor side by side, for narrow places.

    Signals:
        changed: all valid values, after each edit.
        validity: whether every field holds a valid value.
    """

    changed = Signal(dict)
    validity = Signal(bool)

    def __init__(self, parameters: Iterable[Parameter], values: Mapping[str, Any] | None = None, compact: bool = False) -> None:
        super().__init__()
        self._rows: dict[str, _Row] = {}
        self._wrong: set[str] = set()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4 if compact else 12)
        self._more = QWidget()
        folded = QVBoxLayout(self._more)
        folded.setContentsMargins(0, 0, 0, 0)
        folded.setSpacing(column.spacing())
        for parameter in parameters:
            row = self._rows[parameter.name] = _Row(parameter, compact)
            (column if parameter.basic else folded).addWidget(row)
            row.field.edited.connect(self._edited)
            row.refused.connect(self._refused)
        if folded.count():
            column.addWidget(self._fold())
        column.addWidget(self._more)
        self._more.hide()
        self.set_values(values or {})

    def values(self) -> dict[str, Any]:
        """Every parameter's last valid value, the hidden ones too."""
        return {name: row.field.value() for name, row in self._rows.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show values without announcing them; names that are not in the form are ignored."""
        for name in self._rows.keys() & values.keys():
            self._rows[name].show_value(values[name])
        self._show_fitting()

    def reset(self) -> None:
        """Back to the defaults."""
        self.set_values({name: row.parameter.default for name, row in self._rows.items()})
        self.changed.emit(self.values())

    @property
    def valid(self) -> bool:
        """Whether every field holds a valid value."""
        return not self._wrong

    def field(self, name: str) -> Field:
        """The editor of a parameter."""
        return self._rows[name].field

    def _fold(self) -> QWidget:
        fold = button("More", look="quiet", glyph="down")
        fold.setCheckable(True)
        fold.toggled.connect(self._more.setVisible)
        fold.toggled.connect(lambda on: fold.setText("Less" if on else "More"))
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(fold)
        line.addStretch(1)
        return row

    def _edited(self) -> None:
        self._show_fitting()
        self.changed.emit(self.values())

    def _refused(self, name: str, why: str) -> None:
        (self._wrong.add if why else self._wrong.discard)(name)
        self.validity.emit(self.valid)

    def _show_fitting(self) -> None:
        values = self.values()
        for row in self._rows.values():
            row.setVisible(all(values.get(name) == wanted for name, wanted in row.parameter.shown_when.items()))
            row.mark_changed()


class _Row(QWidget):
    refused = Signal(str, str)

    def __init__(self, parameter: Parameter, compact: bool) -> None:
        super().__init__()
        self.parameter = parameter
        self.field = field(parameter, compact)
        self._label = words(parameter.title, theme.font("caption" if compact else "body"))
        self._wrong = words("", theme.font("caption"), wrap=True)
        self._wrong.hide()
        self._back = glyph_button("reset", f"Back to {parameter.default}", self._reset, size=12)
        self._back.setFixedSize(22, 22)
        self.setToolTip(_tip(parameter))
        self._lay_out(compact)
        self.field.refused.connect(self._refuse)

    def _lay_out(self, compact: bool) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        top = QHBoxLayout()
        top.setSpacing(8)
        side = compact or isinstance(self.field, BooleanField)
        top.addWidget(self._label, 0 if compact else 1)
        if compact:
            self._label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            self._label.setMinimumWidth(84)
            self._back.hide()
        else:
            keep = self._back.sizePolicy()
            keep.setRetainSizeWhenHidden(True)
            self._back.setSizePolicy(keep)
            top.addWidget(self._back)
        if side:
            top.addWidget(self.field, 1 if compact else 0)
        column.addLayout(top)
        if not side:
            column.addWidget(self.field)
        column.addWidget(self._wrong)
        self._compact = compact

    def show_value(self, value: Any) -> None:
        self.field.set_value(value)

    def mark_changed(self) -> None:
        if not self._compact:
            self._back.setVisible(self.field.value() != self.parameter.default)

    def _reset(self) -> None:
        self.field.set_value(self.parameter.default)
        self.field.edited.emit(self.parameter.default)

    def _refuse(self, why: str) -> None:
        _paint_bad(self._wrong)
        self._wrong.setText(why)
        self._wrong.setVisible(bool(why))
        self.refused.emit(self.parameter.name, why)


def _paint_bad(label: QLabel) -> None:
    palette = label.palette()
    palette.setColor(QPalette.ColorRole.WindowText, theme.colour("bad_text"))
    label.setPalette(palette)


def _tip(parameter: Parameter) -> str:
    unit = f" ({parameter.unit})" if parameter.unit else ""
    limits = f"\n{parameter.limits.capitalize()}{unit}." if parameter.limits else ""
    return f"{parameter.help}{limits}"
