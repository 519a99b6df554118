"""One editor per kind of parameter; each holds a plain value and says when the user changed it."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from studio.api.errors import StudioError
from studio.api.params import Parameter, settle
from studio.ui import theme
from studio.ui.buttons import Switch
from studio.ui.panels import caption
from studio.ui.slider import Slider


class Field(QWidget):
    """Base of the editors: `edited` brings a valid value, `refused` why what was typed is none ("" when it is again)."""

    edited = Signal(object)
    refused = Signal(str)

    def __init__(self, parameter: Parameter) -> None:
        super().__init__()
        self.parameter = parameter
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(8)

    def value(self) -> Any:
        """The last valid value."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Show a value without announcing it."""
        raise NotImplementedError


class NumberField(Field):
    """A number typed or stepped with the up and down keys, with a slider beside it where both limits are known."""

    def __init__(self, parameter: Parameter, compact: bool = False) -> None:
        super().__init__(parameter)
        self._value: float | int = parameter.default if isinstance(parameter.default, int | float) else 0
        self.slider = self._make_slider(parameter)
        self.edit = _Edit()
        self.edit.setFixedWidth(56 if compact else 72)
        self.edit.setAccessibleName(parameter.title)
        if self.slider is not None:
            self.row.addWidget(self.slider, 1)
            self.slider.moved.connect(self._slid)
        self.row.addWidget(self.edit)
        if parameter.unit and not compact:
            self.row.addWidget(caption(parameter.unit))
        if self.slider is None:
            self.row.addStretch(1)
        self.edit.textEdited.connect(self._typed)
        self.edit.editingFinished.connect(self._settled)
        self.edit.stepped.connect(self._step)
        self.set_value(self._value)

    def _make_slider(self, parameter: Parameter) -> Slider | None:
        if parameter.minimum is None or parameter.maximum is None or parameter.maximum - parameter.minimum > 1e7:
            return None
        whole = parameter.kind == "integer"
        return Slider(parameter.minimum, parameter.maximum, logarithmic=parameter.logarithmic, whole=whole, name=parameter.title)

    def value(self) -> float | int:
        return self._value

    def set_value(self, value: Any) -> None:
        self._value = value
        self.edit.setText(written(value))
        self._mark("")
        if self.slider is not None:
            self.slider.set_value(float(value))

    def _slid(self, value: float) -> None:
        self._value = int(value) if self.parameter.kind == "integer" else value
        self.edit.setText(written(self._value))
        self._mark("")
        self.edited.emit(self._value)

    def _typed(self, text: str) -> None:
        try:
            value = settle([self.parameter], {self.parameter.name: text.replace(",", ".")})[self.parameter.name]
        except StudioError:
            self._mark(f"{'a whole number' if self.parameter.kind == 'integer' else 'a number'} {self.parameter.limits}".strip())
            return
        self._mark("")
        self._value = value
        if self.slider is not None:
            self.slider.set_value(float(value))
        self.edited.emit(value)

    def _settled(self) -> None:
        if not self.edit.property("wrong"):
            self.edit.setText(written(self._value))

    def _step(self, notches: int) -> None:
        small = 1 if self.parameter.kind == "integer" else max(abs(self._value) / 100, 1e-6)
        low = self.parameter.minimum if self.parameter.minimum is not None else float("-inf")
        high = self.parameter.maximum if self.parameter.maximum is not None else float("inf")
        value = min(high, max(low, self._value + notches * small))
        self.set_value(int(value) if self.parameter.kind == "integer" else value)
        self.edited.emit(self._value)

    def _mark(self, wrong: str) -> None:
        if bool(wrong) != bool(self.edit.property("wrong")):
            self.edit.setProperty("wrong", bool(wrong))
            self.edit.style().polish(self.edit)
            self.refused.emit(wrong and f"Must be {wrong}.")


class _Edit(QLineEdit):
    stepped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setFont(theme.mono("caption"))
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setMinimumHeight(26)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        if event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)


class BooleanField(Field):
    """A switch."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter)
        self.switch = Switch(parameter.title)
        self.row.addWidget(self.switch)
        self.row.addStretch(1)
        self.set_value(parameter.default)
        self.switch.clicked.connect(self.edited.emit)

    def value(self) -> bool:
        return self.switch.isChecked()

    def set_value(self, value: Any) -> None:
        self.switch.setChecked(bool(value))


class ChoiceField(Field):
    """One of a few."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter)
        self.combo = QComboBox()
        self.combo.setAccessibleName(parameter.title)
        self.combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for choice in parameter.choices:
            self.combo.addItem(choice.replace("_", " "), choice)
        self.row.addWidget(self.combo, 1)
        self.set_value(parameter.default)
        self.combo.activated.connect(lambda: self.edited.emit(self.value()))

    def value(self) -> str:
        return str(self.combo.currentData())

    def set_value(self, value: Any) -> None:
        self.combo.setCurrentIndex(max(0, self.combo.findData(str(value))))


class TextField(Field):
    """Free text."""

    def __init__(self, parameter: Parameter) -> None:
        super().__init__(parameter)
        self.edit = QLineEdit()
        self.edit.setAccessibleName(parameter.title)
        self.row.addWidget(self.edit, 1)
        self.set_value(parameter.default)
        self.edit.textEdited.connect(self.edited.emit)

    def value(self) -> str:
        return self.edit.text()

    def set_value(self, value: Any) -> None:
        self.edit.setText("" if value is None else str(value))


def field(parameter: Parameter, compact: bool = False) -> Field:
    """The editor for a parameter."""
    if parameter.kind in ("integer", "number"):
        return NumberField(parameter, compact)
    return {"boolean": BooleanField, "choice": ChoiceField, "text": TextField}[parameter.kind](parameter)


def written(value: float) -> str:
    """A number as short as it can be said: 0.0003 reads 3e-4."""
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e7):
        return str(int(value))
    text = f"{value:.4g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa}e{int(exponent)}"
    if 0 < abs(value) < 0.001:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
    return text
