"""The Library place: a wall of everything made, and the story of each."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from studio.engine.intake import Intake, Reference
from studio.ui import theme
from studio.ui.bridge import Bridge
from studio.ui.buttons import button
from studio.ui.graph.background import Background
from studio.ui.library.compositions import compared, opened
from studio.ui.library.detail import Detail
from studio.ui.library.dropping import DropMark
from studio.ui.library.exporting import export_model
from studio.ui.library.filters import Filters
from studio.ui.library.lineage import Origin
from studio.ui.library.opening import Opening
from studio.ui.library.opening_panel import OpeningPanel
from studio.ui.library.things import Thing, gather
from studio.ui.library.thumbnails import Thumbnails
from studio.ui.library.undo_bar import UndoBar
from studio.ui.library.wall import Wall
from studio.ui.panels import Hairline, empty
from studio.ui.place import Place
from studio.ui.watch import Watch

OPENS = "A folder of Stable Diffusion or a language model, an exported model, or an ONNX file  Ctrl+O"
TEACHING = "Everything you train and save appears here. Train a method to make the first."


class LibraryPlace(Place):
    """Runs, models and saved outputs."""

    title = "Library"

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self._files = Background(bridge)
        self._found: dict[str, list[Any]] = {"runs": [], "models": [], "pictures": [], "methods": [], "datasets": []}
        self.things: list[Thing] = []
        self.thumbnails = Thumbnails(bridge, self._files, self)
        self.filters = Filters()
        self.wall = Wall(self.thumbnails)
        self.detail = Detail()
        self.opening = Opening(bridge)
        self.opening_panel = OpeningPanel(self.opening)
        self.open_button = button("Open…", self.open_model, glyph="import")
        self.open_button.setToolTip(OPENS)
        self._awaited = ""
        self._nothing = empty(
            TEACHING, button("Train a method", lambda: self.visit.emit("train", None), look="primary", glyph="train")
        )
        self._no_match = empty("Nothing matches these filters.", button("Show everything", self.filters.reset))
        self._arrange()
        self._mark = DropMark(self)
        self.undo = UndoBar(self.wall)
        self._connect()

    def _arrange(self) -> None:
        pages = QWidget()
        self._pages = QStackedLayout(pages)
        for page in (self.wall, self._nothing, self._no_match):
            self._pages.addWidget(page)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(self.filters)
        left.addWidget(Hairline())
        room = QVBoxLayout()
        room.setContentsMargins(10, 8, 4, 0)
        room.addWidget(pages)
        left.addLayout(room, 1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.detail)
        row.addWidget(self.opening_panel)
        self.opening_panel.hide()

    def _connect(self) -> None:
        acts: dict[str, Callable[[], object]] = {
            "arena": self._to_arena, "graph": self._to_graph, "compare": self._compare,
            "export": self._export, "delete": self._delete,
        }  # fmt: skip
        self.detail.act.connect(lambda name: acts[name]())
        self.detail.opened.connect(self._follow)
        self.filters.changed.connect(lambda _: self._show())
        self.wall.chosen.connect(self._choose)
        self.wall.doubleClicked.connect(lambda _: self._to_arena() if self._one_model() else self._to_graph())
        self.thumbnails.ready.connect(self._picture_ready)
        theme.changes.changed.connect(self._redraw)
        self.opening_panel.closed.connect(lambda: self._show_opening(False))
        self._mark.dropped.connect(self._dropped)
        self.opening.arrived.connect(self._arrived)
        self.opening.refused.connect(lambda words, details: self.told.emit("error", words, details))
        QShortcut(QKeySequence.StandardKey.Open, self, self.open_model)
        QShortcut(QKeySequence.StandardKey.Find, self, self.filters.words.setFocus)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.wall, self._delete)

    def watch_runs(self, watch: Watch) -> None:
        """Show runs as they go on."""
        watch.runs_changed.connect(lambda runs: self._take("runs", runs))
        watch.finished.connect(lambda _: self._ask("models"))
        self.opening.watch(watch)

    def tools(self) -> QWidget:
        """Open a model."""
        made = QWidget()
        row = QVBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignCenter)
        return made

    def open_model(self) -> None:
        """Show the panel that opens a model from elsewhere."""
        self._show_opening(True)
        self.opening_panel.begin()

    def _dropped(self, path: str) -> None:
        self._show_opening(True)
        self.opening.look_at(Reference(name=path))

    def _show_opening(self, on: bool) -> None:
        self.opening_panel.setVisible(on)
        self.detail.setVisible(not on)

    def _arrived(self, intake: Intake) -> None:
        self._show_opening(False)
        self._awaited = f"model:{intake.model}"
        self._ask("models")
        measured = "" if intake.difference is None else f" Largest difference from torch: {intake.difference:.1e}."
        self.told.emit("info", f"{intake.title} is in the Library.{measured}", "")

    def receive(self, what: object) -> None:
        """Open a model; nothing else is sent here."""
        self.open_model()

    def entered(self) -> None:
        """Look what is new."""
        self._ask(*self._found)
        self.wall.setFocus()

    def left(self) -> None:
        """Leave the engine to others."""
        self.thumbnails.pause()

    def _ask(self, *calls: str) -> None:
        for call in calls:
            self.bridge.ask(call, lambda found, call=call: self._take(call, found))

    def _take(self, what: str, found: list[Any]) -> None:
        self._found[what] = found
        self.things = gather(**self._found)
        self.filters.offer(self.things)
        self._show()
        if self._awaited in {thing.key for thing in self.things}:
            self._select(self._awaited)
            self._awaited = ""

    def _select(self, key: str) -> None:
        if key not in {thing.key for thing in self.wall.things()}:
            self.filters.reset()
        self.wall.select([key])

    def _show(self) -> None:
        now, wanted = time.time(), self.filters.wanted
        shown = [thing for thing in self.things if wanted.passes(thing, now)]
        self.wall.show_things(shown)
        self.filters.tell_count(len(shown), len(self.things))
        self._pages.setCurrentWidget(self.wall if shown else self._no_match if self.things else self._nothing)

    def _choose(self, things: list[Thing]) -> None:
        pixmap = self.thumbnails.of(things[0]) if len(things) == 1 else None
        titles = {card.id: card.title for card in self._found["datasets"]}
        self.detail.show_things(things, self._found["models"], pixmap, titles)

    def _redraw(self) -> None:
        self.thumbnails.redraw()
        self._choose(self.wall.selected())

    def _picture_ready(self, key: str) -> None:
        if len(self.detail.things) == 1 and self.detail.things[0].key == key:
            self.detail.show_picture(self.thumbnails.of(self.detail.things[0]))

    def _one_model(self) -> Any:
        selected = self.wall.selected()
        return selected[0].model if len(selected) == 1 else None

    def _to_arena(self) -> None:
        if model := self._one_model():
            self.visit.emit("arena", model.reference)

    def _to_graph(self) -> None:
        selected = self.wall.selected()
        if model := self._one_model():
            self.visit.emit("graph", opened(model))
        elif len(selected) == 1 and selected[0].picture and selected[0].picture.graph:
            self.visit.emit("graph", selected[0].picture.graph)

    def _compare(self) -> None:
        self.visit.emit("graph", compared([thing.model for thing in self.wall.selected() if thing.model]))

    def _follow(self, origin: Origin) -> None:
        if origin.graph is not None:
            self.visit.emit("graph", origin.graph)
        elif origin.key:
            self._select(origin.key)

    def _export(self) -> None:
        if model := self._one_model():
            chooser = QFileDialog(self, f"Export {model.card.title} into a folder")
            chooser.setFileMode(QFileDialog.FileMode.Directory)
            chooser.setOption(QFileDialog.Option.ShowDirsOnly)
            chooser.fileSelected.connect(lambda name: self.export(model, Path(name)))
            chooser.open()

    def export(self, model: Any, into: Path) -> None:
        """Copy a model's files into a folder, beside the window's thread."""
        self._files.do(
            lambda: export_model(model, into),
            lambda folder: self.told.emit("info", f"{model.card.title} is exported to {folder}.", ""),
            lambda words: self.told.emit("error", words, ""),
        )

    def _delete(self) -> None:
        gone = [thing for thing in self.wall.selected() if thing.run]
        ids = [thing.run.id for thing in gone if thing.run]
        for id in ids:
            self.bridge.ask("delete", lambda _: self._ask("runs", "models"), None, id)
        if ids:
            title = gone[0].title if len(ids) == 1 else f"{len(ids)} runs"
            self.undo.offer(f"Deleted {title}.", lambda: self._restore(ids))

    def _restore(self, ids: list[str]) -> None:
        for id in ids:
            self.bridge.ask("restore", lambda _: self._ask("runs", "models"), None, id)
