"""What a plugin offers, as chips that flow into lines."""

from collections.abc import Iterable, Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.api.card import Method
from studio.engine.engine import PluginInfo
from studio.ui import glyphs, theme

HEIGHT = 24
GAP = 6
PADDING = 9
GLYPH = 14
Chip = tuple[str, str, str]


def chips_of(plugin: PluginInfo, methods: Mapping[str, Method], titles: Mapping[str, str]) -> list[Chip]:
    """Each offer as text, glyph and hue; methods first."""
    made: list[Chip] = []
    for id in plugin.methods:
        method = methods.get(id)
        style = theme.family_style(method.family) if method else None
        made.append((method.title if method else id, style.glyph if style else "train", style.hue if style else "dim"))
    for ids, glyph in ((plugin.datasets, "data"), (plugin.nodes, "graph"), (plugin.metrics, "check")):
        made += [(titles.get(id, id.replace("_", " ")), glyph, "dim") for id in ids]
    return made


class Offers(QWidget):
    """Chips; as high as they need for the width there is."""

    def __init__(self, chips: Iterable[Chip]) -> None:
        super().__init__()
        self._chips = list(chips)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(", ".join(text for text, _, _ in self._chips))

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        return round(max((place.bottom() for place in self._places(width)), default=0))

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, self.heightForWidth(320))

    def _places(self, width: float) -> list[QRectF]:
        metrics = QFontMetricsF(theme.font("caption"))
        x = y = 0.0
        places: list[QRectF] = []
        for text, _, _ in self._chips:
            wide = min(metrics.horizontalAdvance(text) + 2 * PADDING + GLYPH + 6, width)
            if x and x + wide > width:
                x, y = 0.0, y + HEIGHT + GAP
            places.append(QRectF(x, y, wide, HEIGHT))
            x += wide + GAP
        return places

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font("caption"))
        for (text, glyph, hue), place in zip(self._chips, self._places(self.width()), strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("raised") if hue == "dim" else theme.colour(hue, 0.14))
            painter.drawRoundedRect(place, theme.RADIUS["chip"], theme.RADIUS["chip"])
            mark = QRectF(place.left() + PADDING, place.center().y() - GLYPH / 2, GLYPH, GLYPH)
            glyphs.paint(painter, glyph, mark, theme.colour(hue), 2)
            painter.setPen(theme.colour("text"))
            painter.drawText(place.adjusted(PADDING + GLYPH + 6, 0, -4, 0), int(Qt.AlignmentFlag.AlignVCenter), text)
