"""Opening and saving graph files, with choosers that do not block."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.engine.graph.files import load, save
from studio.ui.graph.background import Background
from studio.ui.graph.session import OpenGraph
from studio.ui.graph.sheet import Sheet

FILTER = "Graphs (*.json);;All files (*)"


class Filing(QObject):
    """Between tabs and files.

    Signals:
        opened: a graph that was read.
        failed: why a file could not be read or written.
    """

    opened = Signal(object)
    failed = Signal(str)

    def __init__(self, files: Background, parent: QWidget) -> None:
        super().__init__(parent)
        self._files = files
        self._window = parent

    def choose(self) -> None:
        """Ask for a file and open it."""
        chooser = QFileDialog(self._window, "Open a graph", "", FILTER)
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.fileSelected.connect(lambda name: self.open(Path(name)))
        chooser.open()

    def open(self, path: Path) -> None:
        """Open a file."""
        self._files.do(lambda: load(path), lambda graph: self.opened.emit(OpenGraph(path.stem, graph, path)), self.failed.emit)

    def save(self, sheet: Sheet) -> None:
        """Write a tab to its file; ask for one where it has none."""
        if sheet.path is None:
            self.save_as(sheet)
        else:
            self.write(sheet, sheet.path)

    def save_as(self, sheet: Sheet) -> None:
        """Ask where to write a tab."""
        chooser = QFileDialog(self._window, "Save the graph", f"{sheet.title}.json", FILTER)
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("json")
        chooser.fileSelected.connect(lambda name: self.write(sheet, Path(name)))
        chooser.open()

    def write(self, sheet: Sheet, path: Path) -> None:
        """Write a tab to a file; from then on it is the tab's."""
        graph = sheet.editing.graph

        def written(_: None) -> None:
            sheet.path, sheet.title = path, path.stem
            sheet.editing.mark_saved(graph)

        self._files.do(lambda: save(graph, path), written, self.failed.emit)
