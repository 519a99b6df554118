"""Settings: looks, where models run, and where things are kept."""

from typing import Any, cast

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QButtonGroup, QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.engine.engine import Health
from studio.ui import measures, preferences, theme
from studio.ui.bridge import Bridge
from studio.ui.buttons import Switch, button
from studio.ui.panels import Card, Line, caption, scrolling, section, words
from studio.ui.place import Place
from studio.ui.watch import Watch

WIDTH = 640
THEMES = {"system": "System", "dark": "Dark", "light": "Light"}


class SettingsPlace(Place):
    """A short column of cards."""

    title = "Settings"

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._chosen: dict[str, Any] = {}
        inner = QWidget()
        centred = QHBoxLayout(inner)
        centred.setContentsMargins(16, 24, 16, 24)
        column = QVBoxLayout()
        column.setSpacing(24)
        for part in (self._looks(), self._engine(), self._storage()):
            part.setFixedWidth(WIDTH)
            column.addWidget(part)
        column.addStretch(1)
        centred.addStretch(1)
        centred.addLayout(column)
        centred.addStretch(1)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(scrolling(inner))
        bridge.ask("settings", self._take_settings)
        theme.changes.changed.connect(self._mark_theme)

    def watch_runs(self, watch: Watch) -> None:
        """Show what the engine really uses."""
        watch.health_changed.connect(self._take_health)
        if watch.health is not None:
            self._take_health(watch.health)

    def _looks(self) -> Card:
        known = preferences.read()
        row = QHBoxLayout()
        row.setSpacing(4)
        self.themes = QButtonGroup(self)
        for number, (scheme, title) in enumerate(THEMES.items()):
            made = button(title, lambda scheme=scheme: self._dress(scheme))
            made.setCheckable(True)
            made.setChecked(known.theme == scheme)
            self.themes.addButton(made, number)
            row.addWidget(made)
        holder = QWidget()
        row.setContentsMargins(0, 0, 0, 0)
        holder.setLayout(row)
        self.motion = Switch("Reduced motion")
        self.motion.setChecked(known.reduced_motion)
        self.motion.clicked.connect(self._set_motion)
        return _card(
            "Looks",
            _line("Theme", "System follows the desktop; dark where it does not say.", holder),
            _line("Reduced motion", "Pages and trajectories change without animation.", self.motion),
        )

    def _engine(self) -> Card:
        self.provider, self.device = QComboBox(), QComboBox()
        self.provider.addItem("Automatic", "auto")
        for name in ("auto", "cpu", "cuda", "mps"):
            self.device.addItem({"auto": "Automatic", "cpu": "CPU", "cuda": "CUDA", "mps": "Apple GPU"}[name], name)
        self.provider.activated.connect(lambda: self._configure(provider=self.provider.currentData()))
        self.device.activated.connect(lambda: self._configure(device=self.device.currentData()))
        self._really = Line("", theme.mono())
        for combo in (self.provider, self.device):
            combo.setFixedWidth(180)
        _fix(self._really)
        return _card(
            "Engine",
            _line(
                "Generate with",
                "The onnxruntime provider for models; what is really used stands beside each result.",
                self.provider,
            ),
            _line("Train on", "The device new runs take unless they say otherwise.", self.device),
            _line("In use now", "", self._really),
        )

    def _storage(self) -> Card:
        self._home = Line("", theme.mono())
        _fix(self._home)
        self._open = button("Open folder", self._open_home)
        self._open.setEnabled(False)
        return _card(
            "Storage",
            _line("Home", "Runs, models and pictures; set STUDIO_HOME to move it.", self._home),
            _line("", "", self._open),
        )

    def _take_health(self, health: Health) -> None:
        self._really.setText(measures.machine(health.provider, health.device, health.memory))
        self._home.setText(health.home)
        self._open.setEnabled(True)
        for name in health.providers:
            if self.provider.findData(measures.provider(name).lower()) < 0:
                self.provider.addItem(measures.provider(name), measures.provider(name).lower())
        self._choose(self.provider, self._chosen.get("provider", "auto"))

    def _take_settings(self, settings: dict[str, Any]) -> None:
        self._chosen = settings
        self._choose(self.provider, settings.get("provider", "auto"))
        self._choose(self.device, settings.get("device", "auto"))

    def _choose(self, combo: QComboBox, value: object) -> None:
        combo.setCurrentIndex(max(0, combo.findData(value)))

    def _configure(self, **changes: Any) -> None:
        self._chosen = self._chosen | changes
        self.bridge.ask("settings", lambda kept: self.bridge.ask("configure", None, None, {**kept, **changes}))

    def _dress(self, scheme: str) -> None:
        preferences.write(theme=scheme)
        theme.apply(cast(QApplication, QApplication.instance()), scheme)

    def _mark_theme(self) -> None:
        button = self.themes.button(list(THEMES).index(preferences.read().theme))
        button.setChecked(True)

    def _set_motion(self, on: bool) -> None:
        preferences.write(reduced_motion=on)
        theme.reduce_motion(on)

    def _open_home(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(self._home.text()))


def _fix(line: Line) -> None:
    line.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    line.setFixedWidth(280)
    line.setAlignment(Qt.AlignmentFlag.AlignRight)


def _card(title: str, *lines: QWidget) -> Card:
    made = Card()
    column = QVBoxLayout(made)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(16)
    column.addWidget(section(title))
    for line in lines:
        column.addWidget(line)
    return made


def _line(title: str, help: str, editor: QWidget) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(24)
    names = QVBoxLayout()
    names.setSpacing(2)
    names.addWidget(words(title))
    if help:
        names.addWidget(caption(help, wrap=True))
    editor.setAccessibleName(editor.accessibleName() or title)
    row.addLayout(names, 1)
    row.addWidget(editor)
    return made
