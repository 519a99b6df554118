"""Where a model from elsewhere is: a folder, a file, or a name on the hub."""

import re

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from studio.engine.intake import Reference
from studio.ui import theme
from studio.ui.buttons import Switch, button
from studio.ui.panels import Hairline, caption, words

KINDS = (
    "A folder of Stable Diffusion or of a language model in the Hugging Face layout, a model that the studio exported, or an "
    "ONNX file of one. You can also drop it here."
)
FETCHED = "Only texts and safetensors are fetched. Code that a model brings along is never run."
NAME = re.compile(r"[\w.-]+/[\w.-]+")


class Whereabouts(QWidget):
    """Asks which model.

    Signals:
        chosen: a `Reference`.
    """

    chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.folder_button = button("Folder…", self.ask_folder, glyph="folder")
        self.file_button = button("ONNX file…", self.ask_file, glyph="graph")
        self.name = _line("owner/model", "Name on the hub")
        self.revision = _line("newest commit", "Revision: a commit, a tag or a branch")
        self.offline = Switch("Offline: only what was fetched before")
        self.look_button = button("Look at it", self._look, look="primary")
        self.look_button.setEnabled(False)
        self.name.textChanged.connect(lambda text: self.look_button.setEnabled(_is_name(text)))
        for edit in (self.name, self.revision):
            edit.returnPressed.connect(self._look)
        self._arrange()

    def _arrange(self) -> None:
        choosers = QHBoxLayout()
        choosers.setSpacing(8)
        choosers.addWidget(self.folder_button, 1)
        choosers.addWidget(self.file_button, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(caption(KINDS, wrap=True))
        column.addLayout(choosers)
        column.addSpacing(4)
        column.addWidget(Hairline())
        column.addSpacing(4)
        column.addWidget(words("From the Hugging Face hub", theme.strong()))
        column.addLayout(self._hub())
        column.addWidget(self.look_button)
        column.addWidget(caption(FETCHED, wrap=True))

    def _hub(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        for row, (title, field) in enumerate({"Name": self.name, "Revision": self.revision, "Offline": self.offline}.items()):
            grid.addWidget(caption(title), row, 0)
            grid.addWidget(field, row, 1, Qt.AlignmentFlag.AlignLeft if field is self.offline else Qt.AlignmentFlag(0))
        self.offline.setToolTip("Use only what was fetched before")
        return grid

    def ask_folder(self) -> None:
        """Let the user choose a folder, without blocking the window."""
        chooser = QFileDialog(self.window(), "A folder with a model")
        chooser.setFileMode(QFileDialog.FileMode.Directory)
        chooser.fileSelected.connect(self.choose)
        chooser.open()

    def ask_file(self) -> None:
        """Let the user choose an ONNX file, without blocking the window."""
        chooser = QFileDialog(self.window(), "A file of an exported model", "", "ONNX files (*.onnx)")
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        chooser.fileSelected.connect(self.choose)
        chooser.open()

    def choose(self, path: str) -> None:
        """Take a folder or a file."""
        self.chosen.emit(Reference(name=path))

    def _look(self) -> None:
        name, revision = self.name.text().strip(), self.revision.text().strip()
        if _is_name(name):
            self.chosen.emit(Reference(name=name, hub=True, revision=revision, offline=self.offline.isChecked()))


def _is_name(text: str) -> bool:
    return NAME.fullmatch(text.strip()) is not None and ".." not in text


def _line(placeholder: str, name: str) -> QLineEdit:
    made = QLineEdit()
    made.setPlaceholderText(placeholder)
    made.setAccessibleName(name)
    made.setToolTip(name)
    made.setMinimumHeight(28)
    return made
