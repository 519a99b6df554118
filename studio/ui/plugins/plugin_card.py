"""One plugin: its health, what it offers, and what is wrong with it where something is."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.api.card import Method
from studio.engine.engine import ImporterInfo, PluginInfo
from studio.ui import theme
from studio.ui.buttons import Switch
from studio.ui.graph.trouble import Trouble
from studio.ui.measures import plural
from studio.ui.panels import Badge, Card, Line, caption
from studio.ui.plugins.offers import Offers, chips_of
from studio.ui.plugins.openings import Openings


class Dot(QWidget):
    """Health at a glance, named for those who do not see colours."""

    def __init__(self, token: str, name: str) -> None:
        super().__init__()
        self._token = token
        self.setFixedSize(10, 10)
        self.setToolTip(name)
        self.setAccessibleName(name)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(self._token))
        painter.drawEllipse(QPointF(5, 5), 4.5, 4.5)


class PluginCard(Card):
    """Shows a `PluginInfo`.

    Signals:
        switched: the user wants the plugin on or off.
    """

    switched = Signal(bool)

    def __init__(
        self,
        plugin: PluginInfo,
        methods: Mapping[str, Method],
        titles: Mapping[str, str],
        off: bool,
        importers: Sequence[ImporterInfo] = (),
    ) -> None:
        super().__init__()
        self.plugin, self.off = plugin, off
        self.openings = Openings([importer for importer in importers if importer.id in plugin.importers])
        self.trouble = Trouble()
        self.switch = Switch(f"Use {plugin.name}")
        self.switch.setToolTip("Used; click to switch it off" if not off else "Not used; click to switch it on")
        self.switch.setChecked(not off)
        self.switch.clicked.connect(self.switched)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addLayout(self._head(methods))
        self.trouble.tell(
            "" if plugin.healthy or off else plugin.error or "It did not say why it cannot be used.", plugin.traceback
        )
        column.addWidget(self.trouble)
        if chips := chips_of(plugin, methods, titles):
            column.addWidget(Offers(chips))
        if self.openings.lines:
            column.addWidget(self.openings)
        elif plugin.healthy and not chips:
            column.addWidget(caption("It offers nothing."))

    def _head(self, methods: Mapping[str, Method]) -> QHBoxLayout:
        plugin = self.plugin
        token, name = ("dim", "switched off") if self.off else ("good", "healthy") if plugin.healthy else ("bad", "broken")
        names = QVBoxLayout()
        names.setSpacing(1)
        title = QHBoxLayout()
        title.setSpacing(8)
        title.addWidget(Dot(token, name))
        title.addWidget(Line(plugin.name, theme.strong("section")), 1)
        names.addLayout(title)
        names.addWidget(Line(self._summary(name), theme.font("caption"), dim=True))
        head = QHBoxLayout()
        head.setSpacing(12)
        family = next((methods[id].family for id in plugin.methods if id in methods), None)
        if family:
            head.addWidget(Badge(family, 36))
        head.addLayout(names, 1)
        head.addWidget(self.switch)
        return head

    def _summary(self, state: str) -> str:
        plugin = self.plugin
        counts = ((plugin.methods, "method"), (plugin.datasets, "dataset"), (plugin.nodes, "node"), (plugin.metrics, "metric"))
        offered = [plural(len(ids), noun) for ids, noun in counts if ids]
        return " · ".join([f"version {plugin.version}", *([] if state == "healthy" else [state]), *offered])

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(420, super().sizeHint().height())
