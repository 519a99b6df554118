"""The row of open graphs."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QTabBar, QWidget

from studio.ui import theme
from studio.ui.buttons import glyph_button

SHEET = """
QTabBar { border:0; }
QTabBar::tab { background:transparent; color:@dim; border:0; border-radius:6px; padding:4px 6px 4px 12px;
 margin:6px 4px 6px 0; }
QTabBar::tab:hover { color:@text; }
QTabBar::tab:selected { background:@raised; color:@text; }
QTabBar::tab:focus { border:1px solid @accent; }
"""


class Tabs(QWidget):
    """Titles of the open graphs; a dot marks the unsaved.

    Signals:
        chosen, closed: a tab by its place in the row.
        added: a new tab is wanted.
    """

    chosen = Signal(int)
    closed = Signal(int)
    added = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.bar = QTabBar()
        self.bar.setDrawBase(False)
        self.bar.setExpanding(False)
        self.bar.setElideMode(Qt.TextElideMode.ElideRight)
        self.bar.setAccessibleName("Open graphs")
        self.bar.tabBarClicked.connect(lambda index: index >= 0 and self.chosen.emit(index))
        self.bar.currentChanged.connect(self._stepped)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(4)
        row.addWidget(self.bar)
        row.addWidget(glyph_button("plus", "New graph  Ctrl+T", self.added.emit, size=14))
        row.addStretch(1)
        self._showing = False
        theme.changes.changed.connect(self._dress)
        self._dress()

    def show_titles(self, titles: Sequence[tuple[str, bool]], current: int) -> None:
        """Show these titles, each with whether it is saved."""
        self._showing = True
        while self.bar.count() > len(titles):
            self.bar.removeTab(self.bar.count() - 1)
        for index, (title, saved) in enumerate(titles):
            text = title.replace("&", "&&") if saved else f"{title.replace('&', '&&')} •"
            if index == self.bar.count():
                self._append(text)
            elif self.bar.tabText(index) != text:
                self.bar.setTabText(index, text)
            self.bar.setTabToolTip(index, title if saved else f"{title} (not saved)")
        self.bar.setCurrentIndex(current)
        self._showing = False

    def _append(self, text: str) -> None:
        index = self.bar.addTab(text)
        close = glyph_button("close", "Close this graph  Ctrl+W", size=12)
        close.setFixedSize(22, 22)
        close.setStyleSheet("padding:0; border:0;")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(lambda: self.closed.emit(self._place_of(close)))
        self.bar.setTabButton(index, QTabBar.ButtonPosition.RightSide, close)

    def _place_of(self, close: QWidget) -> int:
        side = QTabBar.ButtonPosition.RightSide
        return next(index for index in range(self.bar.count()) if self.bar.tabButton(index, side) is close)

    def _stepped(self, index: int) -> None:
        if not self._showing and index >= 0:
            self.chosen.emit(index)

    def _dress(self) -> None:
        sheet = SHEET
        for token in ("accent", "raised", "text", "dim"):
            sheet = sheet.replace(f"@{token}", theme.tokens()[token])
        self.bar.setStyleSheet(sheet)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("panel"))
        painter.fillRect(0, self.height() - 1, self.width(), 1, theme.colour("line"))
