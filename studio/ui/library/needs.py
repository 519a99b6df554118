"""What something needs beside what there is: a name, both in words, and a bar that is red where it is too much."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui import measures, theme
from studio.ui.bar import Bar
from studio.ui.panels import Line, caption


class Need(QWidget):
    """One need, in bytes."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.value = Line("", theme.mono())
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.bar = Bar(0)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(caption(title))
        row.addWidget(self.value, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.bar)

    def show_need(self, needed: int, free: int) -> None:
        """Show it; nothing at all where it is not known."""
        self.setVisible(needed > 0)
        self.value.setText(f"{measures.size(needed)} of {measures.size(free)} free")
        self.bar.show_share(min(1.0, needed / max(1, free)), "bad" if needed > free else "accent")
