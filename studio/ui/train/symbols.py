"""What a text is read in: characters, or byte pairs learned from it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from studio.ui.panels import caption

_SIZES = (512, 1024, 4096)
_HELP = (
    "Characters (or bytes, where there are very many): easy to learn. "
    "Byte pairs: frequent pieces of words, so that a model sees more text at once. "
    "Losses are per symbol: compare the bits per byte."
)


class Symbols(QWidget):
    """A row with a choice, for texts only.

    Signals:
        chosen: the user chose: what to put behind the data's name.
    """

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.combo = QComboBox()
        self.combo.setAccessibleName("Symbols")
        self.combo.setToolTip(_HELP)
        self.combo.addItem("Characters", "")
        for size in _SIZES:
            self.combo.addItem(f"Byte pairs, {size:,}", f"@bpe{size}")
        self.combo.activated.connect(lambda: self.chosen.emit(self.combo.currentData()))
        row.addWidget(caption("Read in"))
        row.addWidget(self.combo, 1)
        self.hide()

    def reset(self) -> None:
        """Characters again, and hidden until a text is chosen."""
        self.combo.setCurrentIndex(0)
        self.hide()
