"""The layers that can be seen, each with a switch."""

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from studio.engine.plane import Layer
from studio.ui.buttons import chip
from studio.ui.plane.painting import in_order, is_path
from studio.ui.plane.view import DATA, SAMPLES
from studio.ui.wrapping import Wrapping

_TIPS = {
    SAMPLES: "Made now, always from the same noise",
    DATA: "What it learns from",
    "density": "How likely each place is",
    "energy": "Samples settle where the energy is low",
    "discriminator": "Where the discriminator believes that a point is real",
    "vector_field": "Where a point is sent",
    "trajectories": "The way of some samples from noise",
    "grid": "What becomes of the straight lines of the noise",
    "downhill": "Where the energy falls",
    "pull": "Where the discriminator pulls the samples",
}


class Switches(QWidget):
    """Chips for samples, data and the layers of a run.

    Signals:
        changed: a switch was turned.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._turned: dict[str, bool] = {}
        self._layers: dict[str, Layer] = {}
        self.chips: dict[str, QPushButton] = {}
        self._row = Wrapping()
        self.setLayout(self._row)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def on(self) -> frozenset[str]:
        """What is switched on."""
        return frozenset(name for name, made in self.chips.items() if made.isChecked())

    def offer(self, layers: Iterable[Layer]) -> None:
        """Offer these layers beside those already offered; what is switched on or off stays so."""
        fresh = {layer.name: layer for layer in layers if layer.name not in self._layers}
        if self.chips and not fresh:
            return
        self._layers |= fresh
        before = {name: made.isChecked() for name, made in self.chips.items()}
        ordered = in_order(list(self._layers.values()))
        usual = {SAMPLES, DATA, _most_telling(ordered)}
        self._clear()
        for name in (SAMPLES, DATA, *(layer.name for layer in ordered)):
            self._add(name, before.get(name, self._turned.get(name, name in usual)))
        self._keep_one_surface()

    def forget(self) -> None:
        """Offer nothing; what was turned by hand will be so again where it is offered again."""
        self._layers = {}
        self._clear()

    def _clear(self) -> None:
        while (item := self._row.takeAt(0)) is not None:
            item.widget().deleteLater()
        self.chips = {}

    def _add(self, name: str, on: bool) -> None:
        made = chip(_title(name), _TIPS.get(name, ""))
        made.setCheckable(True)
        made.setChecked(on)
        made.clicked.connect(lambda checked: self._turn(name, checked))
        self.chips[name] = made
        self._row.addWidget(made)

    def _turn(self, name: str, on: bool) -> None:
        self._turned[name] = on
        self._keep_one_surface(name if on else "")
        self.changed.emit()

    def _keep_one_surface(self, chosen: str = "") -> None:
        lit = [name for name, layer in self._layers.items() if layer.kind == "surface" and self.chips[name].isChecked()]
        keep = chosen if chosen in lit else next(iter(lit), "")
        for name in lit:
            self.chips[name].setChecked(name == keep)


def _title(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]


def _most_telling(ordered: list[Layer]) -> str:
    """A surface where there is one, else the paths, else whatever comes first."""
    surface = next((layer.name for layer in ordered if layer.kind == "surface"), "")
    path = next((layer.name for layer in ordered if is_path(layer)), "")
    return surface or path or next((layer.name for layer in ordered), "")
