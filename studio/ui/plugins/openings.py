"""Which models from elsewhere a plugin opens, and whether what it needs for that is installed."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.engine.engine import ImporterInfo
from studio.ui import theme
from studio.ui.panels import Badge, caption, words


class Openings(QWidget):
    """One line for each kind of model."""

    def __init__(self, importers: Sequence[ImporterInfo]) -> None:
        super().__init__()
        self.lines = [Opening(importer) for importer in importers]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for line in self.lines:
            column.addWidget(line)


class Opening(QWidget):
    """One kind of model, and what must be installed beside the studio to open it."""

    def __init__(self, importer: ImporterInfo) -> None:
        super().__init__()
        self.kind = words(f"Opens: {importer.title}", wrap=True)
        self.needs = caption(needs(importer), wrap=True)
        self.needs.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._absent = bool(importer.absent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(Badge(importer.family, 24), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(2)
        column.addWidget(self.kind)
        column.addWidget(self.needs)
        row.addLayout(column, 1)
        theme.changes.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        if self._absent:
            palette = self.needs.palette()
            palette.setColor(QPalette.ColorRole.PlaceholderText, theme.colour("warn_text"))
            self.needs.setPalette(palette)


def needs(importer: ImporterInfo) -> str:
    """What must be installed beside the studio, and whether it is."""
    known = f"Known by {importer.mark} in its folder."
    if importer.absent:
        verb = "is" if len(importer.absent) == 1 else "are"
        command = f"python -m pip install {' '.join(importer.absent)}"
        return f"{known} {' and '.join(importer.absent)} {verb} not installed beside the studio: {command}"
    if importer.packages:
        return f"{known} It needs {' and '.join(importer.packages)} beside the studio: installed."
    return f"{known} It needs nothing beside the studio."
