"""The trained models that a method learns from, chosen among the runs that provide them."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout, QWidget

from studio.api.card import Method, Slot
from studio.api.space import Signature
from studio.engine.engine import ModelInfo
from studio.ui import measures
from studio.ui.panels import caption, words

_RUN = "run:"


class Inputs(QWidget):
    """A list of runs for each slot of a method, and a sentence where there is none to choose.

    Signals:
        changed: another run was chosen, or the chosen one is no longer there.
    """

    changed = Signal()

    def __init__(self, slots: Sequence[Slot] = ()) -> None:
        super().__init__()
        self.slots = {slot.name: slot for slot in slots}
        self.lists: dict[str, QComboBox] = {}
        self.hints = {slot.name: caption(wrap=True) for slot in slots}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        for slot in slots:
            self.lists[slot.name] = made = _list(slot)
            made.activated.connect(lambda _: self.changed.emit())
            for widget in (words(_title(slot)), made, self.hints[slot.name]):
                column.addWidget(widget)
        self.offer((), (), None)

    def values(self) -> dict[str, str]:
        """The chosen runs by slot, without the empty ones."""
        chosen = {name: str(made.currentData() or "") for name, made in self.lists.items()}
        return {name: reference for name, reference in chosen.items() if reference}

    def missing(self) -> str:
        """The slot that must be filled and is not, in words; empty where none is."""
        return next(
            (_title(slot).lower() for name, slot in self.slots.items() if not slot.optional and name not in self.values()), ""
        )

    def offer(self, models: Sequence[ModelInfo], methods: Sequence[Method], data: Signature | None) -> None:
        """Offer the runs that provide what each slot asks for and fit the data; what was chosen stays where it can."""
        before = self.values()
        for name, slot in self.slots.items():
            able = [method for method in methods if slot.provides in method.provides]
            runs = [model for model in models if model.card.method in {method.id for method in able} and _fits(model, data)]
            self._fill(name, runs, before.get(name, ""))
            kind = data.space.kind if data else ""
            self._explain(name, [method.title for method in able if not kind or kind in method.kinds])
        if self.values() != before:
            self.changed.emit()

    def _fill(self, name: str, runs: list[ModelInfo], chosen: str) -> None:
        made = self.lists[name]
        made.clear()
        if self.slots[name].optional and runs:
            made.addItem("None", "")
        for run in runs:
            made.addItem(_words(run), run.reference)
        made.setCurrentIndex(max(0, made.findData(chosen)) if made.count() else -1)
        made.setVisible(bool(runs))

    def _explain(self, name: str, titles: list[str]) -> None:
        wanted = (
            f"a run of {', '.join(titles[:-1])} or {titles[-1]}" if len(titles) > 1 else f"a run of {(titles or ['none'])[0]}"
        )
        text = (
            f"Optional: {wanted} on data of this shape."
            if self.slots[name].optional
            else f"Needs {wanted} on data of this shape."
        )
        self.hints[name].setText(text if self.lists[name].count() else f"{text} There is none yet; train one first.")


def _list(slot: Slot) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(_title(slot))
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return made


def _title(slot: Slot) -> str:
    return slot.name.replace("_", " ").capitalize()


def _fits(model: ModelInfo, data: Signature | None) -> bool:
    space = model.card.signature.space
    alike = data is not None and (space.kind, space.shape) == (data.space.kind, data.space.shape)
    return alike and model.reference.startswith(_RUN)


def _words(run: ModelInfo) -> str:
    made = run.card.created[:16].replace("T", " ")
    return f"{run.card.title} · {measures.amount(run.card.step)} steps · {made}"
