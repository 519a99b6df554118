"""What to show on the wall: words, kind, family, data, date."""

from collections.abc import Iterable
from dataclasses import replace

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QHBoxLayout, QLineEdit, QWidget

from studio.ui import theme
from studio.ui.buttons import chip
from studio.ui.library.things import AGES, Thing, Wanted
from studio.ui.panels import caption

PAUSE = 120
TITLES = {"": "All", "run": "Runs", "model": "Models", "picture": "Pictures"}


class Filters(QWidget):
    """A row of filters.

    Signals:
        changed: what is wanted now.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.wanted = Wanted()
        self.words = QLineEdit()
        self.words.setPlaceholderText("Filter by name, method, state…")
        self.words.setAccessibleName("Filter by words")
        self.words.setClearButtonEnabled(True)
        self.words.setMaximumWidth(320)
        self.kinds = {kind: chip(title) for kind, title in TITLES.items()}
        self.family = _list("Family", "any family")
        self.data = _list("Data", "any data")
        self.age = _list("Date", "any time")
        for age in list(AGES)[1:]:
            self.age.addItem(age, age)
        self.count = caption()
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._typed)
        self._arrange()
        self._connect()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(8)
        row.addWidget(self.words, 1)
        group = QButtonGroup(self)
        for kind, button in self.kinds.items():
            button.setCheckable(True)
            button.setChecked(not kind)
            button.setMinimumHeight(26)
            group.addButton(button)
            row.addWidget(button)
        for choice in (self.family, self.data, self.age):
            row.addWidget(choice)
        row.addStretch(1)
        row.addWidget(self.count)

    def _connect(self) -> None:
        self.words.textChanged.connect(lambda _: self._pause.start())
        for kind, button in self.kinds.items():
            button.clicked.connect(lambda _, kind=kind: self._want(kind=kind))
        self.family.activated.connect(lambda: self._want(family=self.family.currentData()))
        self.data.activated.connect(lambda: self._want(data=self.data.currentData()))
        self.age.activated.connect(lambda: self._want(age=self.age.currentData() or "any time"))

    def offer(self, things: Iterable[Thing]) -> None:
        """List the families and the data that there are."""
        found = list(things)
        families = {thing.family: theme.family_style(thing.family).title for thing in found if thing.family in theme.FAMILIES}
        _fill(self.family, families)
        _fill(self.data, {thing.data: thing.data for thing in found if thing.data})

    def tell_count(self, shown: int, all: int) -> None:
        """Say how many are shown."""
        self.count.setText(f"{shown} of {all}" if shown < all else f"{all}")

    def reset(self) -> None:
        """Want everything."""
        self.wanted = Wanted()
        self.words.clear()
        self.kinds[""].setChecked(True)
        for choice in (self.family, self.data, self.age):
            choice.setCurrentIndex(0)
        self.changed.emit(self.wanted)

    def _typed(self) -> None:
        self._want(text=self.words.text())

    def _want(self, **change: str) -> None:
        self.wanted = replace(self.wanted, **change)
        self.changed.emit(self.wanted)


def _list(name: str, anything: str) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(name)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    made.addItem(anything, "")
    return made


def _fill(choice: QComboBox, options: dict[str, str]) -> None:
    current = choice.currentData()
    while choice.count() > 1:
        choice.removeItem(1)
    for value, title in sorted(options.items(), key=lambda pair: pair[1]):
        choice.addItem(title, value)
    choice.setCurrentIndex(max(0, choice.findData(current)))
