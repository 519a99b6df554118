"""The frame: rail, header, places, status strip, notices and search. Places are built when first shown."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from studio.ui import preferences, theme
from studio.ui.bridge import Bridge
from studio.ui.header import Header
from studio.ui.notices import Notices
from studio.ui.palette import Entry, SearchPalette
from studio.ui.rail import Rail, Stop
from studio.ui.status_strip import HEIGHT, StatusStrip
from studio.ui.veil import Veil
from studio.ui.watch import Watch

if TYPE_CHECKING:
    from studio.engine.engine import Health, RunInfo
    from studio.ui.place import Place

OPEN = "open"
"""What the Library receives where a model from elsewhere is to be opened."""
STOPS = (
    Stop("arena", "Arena", "studio.ui.arena.place:ArenaPlace"),
    Stop("train", "Train", "studio.ui.train.place:TrainPlace"),
    Stop("graph", "Graph", "studio.ui.graph.place:GraphPlace"),
    Stop("library", "Library", "studio.ui.library.place:LibraryPlace"),
    Stop("plugins", "Plugins", "studio.ui.plugins.place:PluginsPlace"),
    Stop("settings", "Settings", "studio.ui.settings.place:SettingsPlace"),
)


class MainWindow(QWidget):
    """The one window.

    Args:
        bridge: the way to the engine; the window does not start it.

    Signals:
        painted: the frame was painted for the first time.
    """

    painted = Signal()

    def __init__(self, bridge: Bridge) -> None:
        super().__init__()
        self._painted = False
        self.bridge = bridge
        self.watch = Watch(bridge)
        self.places: dict[str, Place] = {}
        self._subtitles: dict[str, str] = {}
        self._tools: dict[str, QWidget | None] = {}
        self.current = ""
        self.setWindowTitle("Generative Studio")
        self.setMinimumSize(880, 600)
        self._build()
        self._connect()
        self._shortcuts()

    def _build(self) -> None:
        self.rail, self.header, self.strip = Rail(STOPS), Header(), StatusStrip()
        self._pages = QStackedWidget()
        self._veil = Veil(self._pages)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        for widget, stretch in ((self.header, 0), (self._pages, 1)):
            right.addWidget(widget, stretch)
        upper = QHBoxLayout()
        upper.setSpacing(0)
        upper.addWidget(self.rail)
        upper.addLayout(right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper, 1)
        column.addWidget(self.strip)
        self.notices = Notices(self, HEIGHT + 64)
        self.palette_ = SearchPalette(self)
        self.header.show_place("Arena", "", None)
        self.rail.mark("arena")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFocus()

    def _connect(self) -> None:
        self.rail.chosen.connect(self.show_place)
        self.header.search.connect(self.search)
        self.bridge.trouble.connect(lambda words, details: self.notices.tell("error", words, details))
        self.bridge.engine_lost.connect(self._lost)
        self.bridge.engine_back.connect(self._back)
        self.watch.runs_changed.connect(self.strip.show_runs)
        self.watch.intakes_changed.connect(self.strip.show_intakes)
        self.watch.health_changed.connect(self._show_health)
        self.watch.finished.connect(self._tell_end)
        self.strip.cancel.connect(lambda run: self.bridge.ask("cancel", None, None, run))
        self.strip.drop.connect(lambda id: self.bridge.ask("drop", lambda _: self.watch.follow_intakes(), None, id))

    def _shortcuts(self) -> None:
        for number, stop in enumerate(STOPS, 1):
            QShortcut(QKeySequence(f"Ctrl+{number}"), self, lambda name=stop.name: self.show_place(name))
        QShortcut(QKeySequence("Ctrl+K"), self, self.search)
        QShortcut(QKeySequence.StandardKey.Quit, self, self.close)

    def show_place(self, name: str, what: object = None) -> None:
        """Open a place, built now if it is its first time, and give it what another sent."""
        place = self.places.get(name) or self._build_place(name)
        if name != self.current:
            if self.current:
                self.places[self.current].left()
            self.current = name
            self.rail.mark(name)
            self._pages.setCurrentWidget(place)
            self.header.show_place(place.title, self._subtitles.get(name, ""), self._tools[name])
            place.entered()
            self._veil.lift()
        if what is not None:
            place.receive(what)

    def _build_place(self, name: str) -> Place:
        module, _, kind = next(stop.door for stop in STOPS if stop.name == name).partition(":")
        made: Any = getattr(importlib.import_module(module), kind)
        place: Place = made(self.bridge)
        self.places[name] = place
        self._pages.addWidget(place)
        place.visit.connect(self.show_place)
        place.told.connect(self.notices.tell)
        place.subtitled.connect(lambda words: self._subtitle(name, words))
        if watch := getattr(place, "watch_runs", None):
            watch(self.watch)
        self._tools[name] = place.tools()
        return place

    def _subtitle(self, name: str, words: str) -> None:
        self._subtitles[name] = words
        if name == self.current:
            self.header.show_subtitle(words)

    def _lost(self, reason: str) -> None:
        self.strip.show_engine("lost", "engine restarting…")
        self.notices.tell("warning", f"{reason} Nothing is lost: trainings go on, and your graph is as it was.")

    def _back(self) -> None:
        self.strip.show_engine("ready", "engine ready")
        self.notices.tell("info", "The engine runs again.")

    def _show_health(self, health: Health) -> None:
        self.strip.show_health(health)
        self.strip.show_engine("ready", "engine ready")

    def _tell_end(self, run: RunInfo) -> None:
        if run.state == "done":
            self.notices.tell("info", f"{run.title} is trained and in the arena.")
        else:
            self.notices.tell("error", f"{run.title}: {run.reason or 'it ended without saying why.'}")

    def search(self) -> None:
        """Open the search palette; what only the engine knows follows when it answers."""
        places = [Entry(stop.title, "place", stop.name, lambda name=stop.name: self.show_place(name)) for stop in STOPS]
        other = "light" if theme.tokens().name == "dark" else "dark"
        acts = [
            Entry("Open a model from elsewhere", "action", "import", lambda: self.show_place("library", OPEN)),
            Entry(f"Use the {other} theme", "action", "settings", lambda: self.dress(other)),
        ]
        self.palette_.open([*places, *acts])
        self.bridge.ask("models", self._found_models, _ignore)
        self.bridge.ask("methods", self._found_methods, _ignore)
        self.bridge.ask("datasets", self._found_datasets, _ignore)

    def _found_models(self, models: list[Any]) -> None:
        self.palette_.extend(
            [
                Entry(
                    model.card.title, "model", *_family(model.card.family, lambda r=model.reference: self.show_place("arena", r))
                )
                for model in models
            ]
        )

    def _found_methods(self, methods: list[Any]) -> None:
        self.palette_.extend(
            [
                Entry(f"Train {method.title}", "method", *_family(method.family, lambda m=method.id: self.show_place("train", m)))
                for method in methods
            ]
        )

    def _found_datasets(self, datasets: list[Any]) -> None:
        self.palette_.extend(
            [Entry(card.title, "dataset", "data", lambda d=card.id: self.show_place("train", f"data:{d}")) for card in datasets]
        )

    def dress(self, scheme: str) -> None:
        """Change the theme now and for next time."""
        from PySide6.QtWidgets import QApplication

        preferences.write(theme=scheme)
        theme.apply(cast(QApplication, QApplication.instance()), scheme)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        QPainter(self).fillRect(self.rect(), theme.colour("ground"))
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        preferences.write(width=self.width(), height=self.height())
        event.accept()


def _family(family: str, act: Any) -> tuple[str, Any, str]:
    style = theme.family_style(family)
    return style.glyph, act, style.hue


def _ignore(words: str, details: str) -> None:
    """Search finds what it can; a failure is told elsewhere."""
