"""The header: where one is, the place's own tools, and the way to search."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from studio.ui import theme
from studio.ui.buttons import button
from studio.ui.panels import Line, words

HEIGHT = 56


class Header(QWidget):
    """Place title · subtitle, tools at the right."""

    search = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 16, 0)
        row.setSpacing(8)
        self._title = words("", theme.strong("title"))
        self._dot = words("·", theme.font("title"))
        self._dot.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self._subtitle = Line("", theme.font("section"), dim=True)
        self._tools = QStackedWidget()
        self._search = button("Search…", self.search.emit, glyph="search")
        self._search.setToolTip("Search everything  Ctrl+K")
        row.addWidget(self._title)
        row.addWidget(self._dot)
        row.addWidget(self._subtitle, 1)
        row.addWidget(self._tools)
        row.addWidget(self._search, 0, Qt.AlignmentFlag.AlignVCenter)
        self._tools.addWidget(QWidget())

    def show_place(self, title: str, subtitle: str, tools: QWidget | None) -> None:
        """Name the open place and show its tools."""
        self._title.setText(title)
        self.show_subtitle(subtitle)
        if tools is not None and self._tools.indexOf(tools) < 0:
            self._tools.addWidget(tools)
            tools.installEventFilter(self)
        self._tools.setCurrentIndex(0 if tools is None else self._tools.indexOf(tools))
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Tools may come and go."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        shown = self._tools.currentWidget()
        self._tools.setFixedWidth(shown.sizeHint().width() if self._tools.currentIndex() > 0 else 0)

    def show_subtitle(self, subtitle: str) -> None:
        """Say what the place is about."""
        self._subtitle.setText(subtitle)
        self._dot.setVisible(bool(subtitle))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        QPainter(self).fillRect(0, self.height() - 1, self.width(), 1, theme.colour("line"))
