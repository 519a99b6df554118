"""The Plugins place: what is installed, what each offers, and what is broken."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from studio.api.card import Method
from studio.engine.engine import ImporterInfo, PluginInfo
from studio.ui import theme
from studio.ui.bridge import Bridge
from studio.ui.buttons import button
from studio.ui.measures import plural
from studio.ui.panels import Card, caption, scrolling, words
from studio.ui.place import Place
from studio.ui.plugins.plugin_card import PluginCard

COLUMN = 460
DISABLED = "disabled_plugins"
INSTALLING = (
    "A plugin is a Python package. Install it with pip into the studio's own environment, under the studio's constraints, "
    "so that nothing the studio needs is changed; then reload. A plugin is code that runs with your rights: "
    "install only what you trust."
)
COMMAND = "python -m pip install -c packaging/constraints.txt NAME"


class PluginsPlace(Place):
    """Installed plugins and their health."""

    title = "Plugins"

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, parent)
        self.plugins: list[PluginInfo] = []
        self.cards: list[PluginCard] = []
        self._methods: dict[str, Method] = {}
        self._titles: dict[str, str] = {}
        self._settings: dict[str, Any] = {}
        self._importers: list[ImporterInfo] = []
        self.reload_button = button("Reload", self.reload, glyph="reroll")
        self.reload_button.setToolTip("Look again at what is installed  F5")
        self.reload_button.setShortcut("F5")
        self._page = QWidget()
        self._grid = QGridLayout()
        self._columns = 0
        self._arrange()

    def _arrange(self) -> None:
        self._grid.setSpacing(12)
        column = QVBoxLayout(self._page)
        column.setContentsMargins(16, 16, 16, 24)
        column.setSpacing(12)
        column.addLayout(self._grid)
        column.addWidget(_how_to_install())
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(self._page))

    def tools(self) -> QWidget:
        """Reload."""
        made = QWidget()
        row = QVBoxLayout(made)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.reload_button, 0, Qt.AlignmentFlag.AlignCenter)
        return made

    def entered(self) -> None:
        """Ask what is installed."""
        self.reload()

    def reload(self) -> None:
        """Ask again, and show the answers together."""
        self.reload_button.setEnabled(False)
        waiting = {"methods", "datasets", "nodes", "importers", "settings", "plugins"}
        found: dict[str, Any] = {}
        for call in sorted(waiting):
            self.bridge.ask(call, lambda result, call=call: self._take(call, result, found, waiting), self._failed)

    def _take(self, call: str, result: Any, found: dict[str, Any], waiting: set[str]) -> None:
        found[call] = result
        waiting.discard(call)
        if not waiting:
            self._show(found)

    def _failed(self, sentence: str, details: str) -> None:
        self.reload_button.setEnabled(True)
        self.told.emit("error", sentence, details)

    def _show(self, found: dict[str, Any]) -> None:
        self.reload_button.setEnabled(True)
        self._methods = {method.id: method for method in found["methods"]}
        self._titles = {card.id: card.title for card in (*found["datasets"], *found["nodes"])}
        self._settings = found["settings"]
        self._importers = found["importers"]
        self.plugins = sorted(found["plugins"], key=lambda plugin: (plugin.healthy, plugin.name))
        self._rebuild()

    def _rebuild(self) -> None:
        for card in self.cards:
            card.hide()
            card.deleteLater()
        off = self._switched_off()
        self.cards = [
            PluginCard(plugin, self._methods, self._titles, plugin.name in off, self._importers) for plugin in self.plugins
        ]
        for card in self.cards:
            card.switched.connect(lambda on, name=card.plugin.name: self._switch(name, on))
        broken = sum(not card.plugin.healthy and not card.off for card in self.cards)
        self.subtitled.emit(f"{plural(len(self.cards), 'plugin')}{f', {broken} broken' if broken else ', all healthy'}")
        self._columns = 0
        self._flow()

    def _flow(self) -> None:
        columns = max(1, self.width() // COLUMN)
        if columns == self._columns:
            return
        for card in self.cards:
            self._grid.removeWidget(card)
        for column in range(max(columns, self._columns)):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        self._columns = columns
        for place, card in enumerate(self.cards):
            self._grid.addWidget(card, place // columns, place % columns, Qt.AlignmentFlag.AlignTop)

    def _switched_off(self) -> list[str]:
        names = self._settings.get(DISABLED)
        return [str(name) for name in names] if isinstance(names, list) else []

    def _switch(self, name: str, on: bool) -> None:
        off = set(self._switched_off())
        (off.discard if on else off.add)(name)
        settings = {**self._settings, DISABLED: sorted(off)}
        self.bridge.ask("configure", lambda _: self.reload(), self._failed, settings)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._flow()


def _how_to_install() -> Card:
    card = Card()
    column = QVBoxLayout(card)
    column.setContentsMargins(16, 14, 16, 14)
    column.setSpacing(8)
    column.addWidget(words("Install another plugin", theme.strong("section")))
    column.addWidget(caption(INSTALLING, wrap=True))
    command = words(COMMAND, theme.mono())
    command.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    column.addWidget(command)
    return card
