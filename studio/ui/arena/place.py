"""The arena: every model at once, from the same seed."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.api.dataset import DatasetCard
from studio.engine.engine import ModelInfo
from studio.ui import preferences
from studio.ui.arena import recipe
from studio.ui.arena.grid import Grid
from studio.ui.arena.scrubber import Scrubber
from studio.ui.arena.story import Story
from studio.ui.arena.tile import Tile
from studio.ui.arena.tools import Tools
from studio.ui.bridge import Bridge
from studio.ui.buttons import button, glyph_button
from studio.ui.panels import Card, Hairline, empty, scrolling, words
from studio.ui.place import Place
from studio.ui.watch import Watch


class ArenaPlace(Place):
    """Tiles that generate as soon as the engine answers."""

    title = "Arena"

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self.tiles: dict[str, Tile] = {}
        self._titles: dict[str, str] = {}
        self._wanted = ""
        self._provider = "auto"
        self._chosen: Tile | None = None
        self._build()
        self._tools = Tools()
        self._tools.filtered.connect(self._filter)
        self._tools.seeded.connect(self._generate)
        self._tools.asked.connect(self._ask)
        self._shortcuts()
        self._load()
        bridge.engine_back.connect(self._load)

    def _build(self) -> None:
        self.grid, self.scrubber, self.story = Grid(), Scrubber(), Story()
        self._stack = QStackedWidget()
        self._stack.addWidget(empty("Waking the engine…"))
        self._area = scrolling(self.grid)
        self._stack.addWidget(self._area)
        self._stack.addWidget(empty("There is no model yet.", button("Train your own", self._train, look="primary")))
        wall = QVBoxLayout()
        wall.setSpacing(0)
        self._tip = self._make_tip()
        wall.addWidget(self._tip)
        wall.addWidget(self._stack, 1)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addLayout(wall, 1)
        self._side = QWidget()
        beside = QVBoxLayout(self._side)
        beside.setContentsMargins(0, 16, 16, 12)
        beside.addWidget(self.story)
        self._side.hide()
        middle.addWidget(self._side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(middle, 1)
        column.addWidget(Hairline())
        column.addWidget(self._bottom())
        self.scrubber.moved.connect(self._scrub)
        self.story.closed.connect(self._close_story)
        self.story.graph_wanted.connect(lambda tile: self.visit.emit("graph", recipe.generate(tile.model, tile.wish())))
        self.story.saved.connect(self._tell_saved)

    def _shortcuts(self) -> None:
        for key, act in (("R", self._tools.reroll), ("Escape", self._close_story)):
            shortcut = QShortcut(QKeySequence(key), self, act)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _bottom(self) -> QWidget:
        made = QWidget()
        row = QHBoxLayout(made)
        row.setContentsMargins(12, 12, 16, 12)
        row.setSpacing(8)
        row.addWidget(self.scrubber, 1)
        row.addSpacing(16)
        row.addWidget(button("Open as graph", self._open_graph))
        row.addWidget(button("Add a method", lambda: self.visit.emit("plugins", None)))
        row.addWidget(button("Train your own", self._train, look="primary"))
        return made

    def _make_tip(self) -> QWidget:
        holder = QWidget()
        around = QVBoxLayout(holder)
        around.setContentsMargins(16, 12, 16, 0)
        card = Card(surface="raised")
        row = QHBoxLayout(card)
        row.setContentsMargins(12, 4, 4, 4)
        row.addWidget(
            words("All tiles start from the same seed. Drag the scrubber to watch samples appear, click one to read its story."),
            1,
        )
        row.addWidget(glyph_button("close", "Got it", self._tip_read, size=14))
        around.addWidget(card)
        holder.setVisible(not preferences.read().tip_seen)
        return holder

    def tools(self) -> QWidget:
        return self._tools

    def watch_runs(self, watch: Watch) -> None:
        """Take up a model as soon as its run is done."""
        watch.finished.connect(lambda run: self._load() if run.model else None)

    def receive(self, what: object) -> None:
        """Show the model of a reference."""
        self._wanted = str(what)
        self._load()

    def _load(self) -> None:
        self.bridge.ask("settings", self._take_settings)
        self.bridge.ask("datasets", self._take_titles)

    def _take_titles(self, cards: list[DatasetCard]) -> None:
        self._titles = {card.id: card.title for card in cards}
        self.bridge.ask("models", self._take_models)

    def _take_settings(self, settings: dict[str, Any]) -> None:
        provider = str(settings.get("provider", "auto"))
        if provider != self._provider:
            self._provider = provider
            self._generate()

    def entered(self) -> None:
        self.bridge.ask("settings", self._take_settings)

    def _take_models(self, models: list[ModelInfo]) -> None:
        for gone in self.tiles.keys() - {model.reference for model in models}:
            self._remove(gone)
        for model in models:
            if model.reference not in self.tiles:
                self._add(model)
            elif not self.tiles[model.reference].frames:
                self.tiles[model.reference].generate(self._tools.seed, self._provider)
        datasets = dict.fromkeys(model.card.dataset for model in models)
        self._tools.fill({name: self._titles.get(name, name) for name in datasets})
        self._filter()
        self._reveal()

    def _add(self, model: ModelInfo) -> None:
        tile = Tile(self.bridge, model, self._titles.get(model.card.dataset, model.card.dataset))
        tile.chosen.connect(lambda index: self._tell_story(tile, index))
        tile.failed.connect(lambda text, details: self.told.emit("error", text, details))
        tile.generated.connect(lambda: self.story.refresh(tile))
        self.tiles[model.reference] = tile
        tile.generate(self._tools.seed, self._provider)

    def _remove(self, reference: str) -> None:
        tile = self.tiles.pop(reference)
        tile.end()
        if tile is self._chosen:
            self._close_story()
        tile.deleteLater()

    def _filter(self) -> None:
        data = self._tools.data
        shown = [tile for tile in self.tiles.values() if data.currentData() in ("", tile.model.card.dataset)]
        self.grid.show_cards(list[QWidget](shown))
        self._tools.offer_prompt(sum(tile.wishes.takes_text for tile in shown))
        self._stack.setCurrentIndex(1 if shown else 2)
        self.subtitled.emit(data.currentText() if data.currentData() else "")

    def _ask(self, prompt: str) -> None:
        for tile in self.tiles.values():
            if tile.isVisibleTo(self):
                tile.ask(prompt)

    def _reveal(self) -> None:
        if (tile := self.tiles.get(self._wanted)) is not None:
            self._wanted = ""
            self._mark(tile)
            self._area.ensureWidgetVisible(tile)
            tile.gallery.setFocus()

    def _generate(self) -> None:
        for tile in self.tiles.values():
            tile.generate(self._tools.seed, self._provider)

    def _scrub(self, position: float) -> None:
        for tile in self.tiles.values():
            tile.move_to(position)

    def _mark(self, tile: Tile | None) -> None:
        if self._chosen is not None and self._chosen is not tile:
            self._chosen.set_selected(False)
            self._chosen.gallery.select(None)
        self._chosen = tile
        if tile is not None:
            tile.set_selected(True)

    def _tell_story(self, tile: Tile, index: int) -> None:
        self._mark(tile)
        self.story.tell(tile, index)
        self._side.show()

    def _close_story(self) -> None:
        self._mark(None)
        self._side.hide()

    def _open_graph(self) -> None:
        tiles = [self._chosen] if self._chosen is not None else [t for t in self.tiles.values() if t.isVisibleTo(self)]
        self.visit.emit("graph", recipe.together((tile.model, tile.wish()) for tile in tiles))

    def _train(self) -> None:
        self.visit.emit("train", None)

    def _tell_saved(self, file: str) -> None:
        if file:
            self.told.emit("info", f"Saved as {file}.", "")
        else:
            self.told.emit("error", "The picture could not be written there. Choose another folder.", "")

    def _tip_read(self) -> None:
        self._tip.hide()
        preferences.write(tip_seen=True)
