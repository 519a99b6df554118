"""A sentence of warning in a panel."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QVBoxLayout

from studio.ui import glyphs, theme
from studio.ui.panels import Card, words


class Caution(Card):
    """A raised card with a warning's mark; nothing where there is nothing to say."""

    def __init__(self) -> None:
        super().__init__(surface="raised")
        self.sentence = words("", theme.font("caption"), wrap=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(40, 10, 12, 10)
        column.addWidget(self.sentence)
        theme.changes.changed.connect(self._dress)
        self._dress()
        self.hide()

    def tell(self, sentence: str) -> None:
        """Show a sentence, or go where it is empty."""
        self.sentence.setText(sentence)
        self.setVisible(bool(sentence))

    def _dress(self) -> None:
        palette = self.sentence.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme.colour("warn_text"))
        self.sentence.setPalette(palette)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        glyphs.paint(QPainter(self), "warning", QRectF(12, 10, 18, 18), theme.colour("warn"), 2)
