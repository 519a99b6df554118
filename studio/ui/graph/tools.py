"""The graph's tools in the header: run, stop, live, files, undo."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.ui.buttons import button, chip, glyph_button
from studio.ui.graph.filing import Filing
from studio.ui.graph.sheet import Sheet
from studio.ui.panels import Hairline


class Desk(Protocol):
    """Where the open graphs lie."""

    filing: Filing

    def sheet(self) -> Sheet: ...


class Tools(QWidget):
    """Acts on the tab in front."""

    def __init__(self, place: Desk) -> None:
        super().__init__()
        self._place = place
        self.open = glyph_button("folder", "Open a graph  Ctrl+O", place.filing.choose)
        self.save = glyph_button("save", "Save  Ctrl+S", self._on(place.filing.save))
        self.save_as = glyph_button("export", "Save as…  Ctrl+Shift+S", self._on(place.filing.save_as))
        self.undo = glyph_button("undo", "Undo", self._on(lambda sheet: sheet.editing.undo()))
        self.redo = glyph_button("redo", "Redo", self._on(lambda sheet: sheet.editing.redo()))
        self.fit = glyph_button("fit", "Fit everything  F", self._on(lambda sheet: sheet.canvas.fit()))
        self.live = chip("Live", "Run again after every edit; nodes that write files wait for Run")
        self.run_to = glyph_button("run_to", "Run to the selected node  Ctrl+Shift+Return", self._on(Sheet.run_to_selected))
        self.stop = glyph_button("stop", "Stop  Ctrl+.", self._on(lambda sheet: sheet.running.stop()))
        self.run = button("Run", self._on(Sheet.run), look="primary", glyph="play")
        self.run.setToolTip("Run everything  Ctrl+Return")
        self._arrange()

    def _arrange(self) -> None:
        self.live.setCheckable(True)
        self.live.setChecked(True)
        self.live.toggled.connect(self._set_live)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 8, 0)
        row.setSpacing(4)
        files, edits = (self.open, self.save, self.save_as), (self.undo, self.redo, self.fit)
        groups = (files, edits, (self.live, self.run_to, self.stop, self.run))
        for index, group in enumerate(groups):
            if index:
                line = Hairline(vertical=True)
                line.setFixedHeight(20)
                row.addSpacing(4)
                row.addWidget(line)
                row.addSpacing(4)
            for tool in group:
                row.addWidget(tool)

    def _set_live(self, on: bool) -> None:
        self._place.sheet().running.set_live(on)

    def _on(self, act: Callable[[Sheet], object]) -> Callable[[], None]:
        def run() -> None:
            act(self._place.sheet())

        return run

    def follow(self, sheet: Sheet) -> None:
        """Show what can be done to a tab."""
        editing, running = sheet.editing, sheet.running
        self.undo.setEnabled(bool(editing.undo_text))
        self.undo.setToolTip(f"Undo {editing.undo_text.lower()}  Ctrl+Z" if editing.undo_text else "Nothing to undo")
        self.redo.setEnabled(bool(editing.redo_text))
        self.redo.setToolTip(f"Redo {editing.redo_text.lower()}  Ctrl+Shift+Z" if editing.redo_text else "Nothing to redo")
        self.save.setEnabled(not editing.is_saved or sheet.path is None)
        self.run.setEnabled(bool(editing.graph.nodes))
        self.run_to.setEnabled(bool(sheet.scene.selected()))
        self.stop.setEnabled(running.busy)
        self.live.blockSignals(True)
        self.live.setChecked(running.live)
        self.live.blockSignals(False)
