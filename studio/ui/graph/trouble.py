"""What went wrong, in one sentence, with the details for those who ask."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout

from studio.ui import theme
from studio.ui.buttons import button
from studio.ui.panels import Card, words

DETAILS_HEIGHT = 220


class Trouble(Card):
    """A sentence, and a traceback folded under it."""

    def __init__(self) -> None:
        super().__init__(surface="raised")
        self.sentence = words(wrap=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.fold = button("Details", look="quiet", glyph="down")
        self.fold.setCheckable(True)
        self.details = QPlainTextEdit()
        self.details.setReadOnly(True)
        self.details.setAccessibleName("Details of the error")
        self.details.setFont(theme.mono())
        self.details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.details.setFixedHeight(DETAILS_HEIGHT)
        self.details.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(8)
        column.addWidget(self.sentence)
        column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.details)
        self.fold.toggled.connect(self.details.setVisible)
        self.fold.toggled.connect(lambda on: self.fold.setText("Hide details" if on else "Details"))
        theme.changes.changed.connect(self._dress)
        self._dress()

    def tell(self, sentence: str, traceback: str = "") -> None:
        """Show a sentence; nothing at all where it is empty."""
        self.sentence.setText(sentence)
        if self.details.toPlainText() != traceback:
            self.details.setPlainText(traceback)
        self.fold.setVisible(bool(traceback))
        if not traceback:
            self.fold.setChecked(False)
        self.setVisible(bool(sentence))

    def _dress(self) -> None:
        palette = self.sentence.palette()
        palette.setColor(QPalette.ColorRole.WindowText, theme.colour("bad_text"))
        self.sentence.setPalette(palette)
