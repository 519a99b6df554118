"""What holds for every tile of the arena: data, prompt and seed."""

import random

from PySide6.QtCore import Signal
from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from studio.ui import theme
from studio.ui.buttons import glyph_button
from studio.ui.panels import caption


class Tools(QWidget):
    """The row in the header.

    Signals:
        filtered: the models of other data are wanted.
        seeded: another seed is wanted.
        asked: one prompt for all is wanted.
    """

    filtered, seeded, asked = Signal(), Signal(), Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(8)
        self.prompt = self._make_prompt()
        self.data = self._make_data()
        self._seed = self._make_seed()
        reroll = glyph_button("reroll", "Another seed  R", self.reroll)
        for widget in (self.prompt, self.data, caption("seed"), self._seed, reroll):
            row.addWidget(widget)

    @property
    def seed(self) -> int:
        """0 where none is written."""
        return int(self._seed.text() or 0)

    def reroll(self) -> None:
        """Want another seed."""
        self._seed.setText(str(random.randrange(10_000)))
        self.seeded.emit()

    def offer_prompt(self, readers: int) -> None:
        """Show the common prompt where there are several that read it."""
        self.prompt.setVisible(readers > 1)

    def fill(self, datasets: dict[str, str]) -> None:
        """Offer data by reference and title; what was chosen stays."""
        kept = self.data.currentData()
        self.data.clear()
        self.data.addItem("All data", "")
        for reference, title in datasets.items():
            self.data.addItem(title, reference)
        self.data.setCurrentIndex(max(0, self.data.findData(kept)))

    def _make_prompt(self) -> QLineEdit:
        made = QLineEdit()
        made.setPlaceholderText("One prompt for all…")
        made.setAccessibleName("Prompt for all")
        made.setToolTip("Every tile here that reads words gets this prompt; a tile's own field changes only that tile")
        made.setFixedWidth(196)
        made.textEdited.connect(self.asked)
        made.hide()
        return made

    def _make_data(self) -> QComboBox:
        made = QComboBox()
        made.setAccessibleName("Data")
        made.setToolTip("Show the models of one dataset")
        made.addItem("All data", "")
        made.setMinimumWidth(132)
        made.activated.connect(self.filtered)
        return made

    def _make_seed(self) -> QLineEdit:
        made = QLineEdit("0")
        made.setFont(theme.mono())
        made.setFixedWidth(72)
        made.setAccessibleName("Seed")
        made.setToolTip("The seed of every tile")
        made.setValidator(QIntValidator(0, 2**31 - 1, made))
        made.textEdited.connect(lambda text: text and self.seeded.emit())
        return made
