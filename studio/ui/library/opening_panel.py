"""The panel on the right while a model from elsewhere is opened: where it is, what it is, how far it is."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.ui import theme
from studio.ui.buttons import glyph_button
from studio.ui.library.detail import WIDTH
from studio.ui.library.intake_progress import IntakeProgress
from studio.ui.library.opening import Opening
from studio.ui.library.sight_view import SightView
from studio.ui.library.whereabouts import Whereabouts
from studio.ui.panels import scrolling, section


class OpeningPanel(QWidget):
    """Follows an `Opening`.

    Signals:
        closed: the user wants to see something else; what is at work goes on.
    """

    closed = Signal()

    def __init__(self, opening: Opening) -> None:
        super().__init__()
        self.setFixedWidth(WIDTH)
        self._opening = opening
        self._heading = section("Open a model")
        self.whereabouts, self.sight, self.progress = Whereabouts(), SightView(), IntakeProgress()
        self.close_button = glyph_button("close", "Close this panel", self._close, size=14)
        self._arrange()
        self._connect()
        self._follow()

    def _arrange(self) -> None:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        top = QHBoxLayout()
        top.addWidget(self._heading, 1)
        top.addWidget(self.close_button)
        column.addLayout(top)
        for part in (self.whereabouts, self.sight, self.progress):
            column.addWidget(part)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(page))

    def _connect(self) -> None:
        opening = self._opening
        opening.changed.connect(self._follow)
        opening.unfit.connect(self.sight.show_unfit)
        self.whereabouts.chosen.connect(opening.look_at)
        self.sight.wanted.connect(opening.take_in)
        self.sight.context_changed.connect(opening.reconsider)
        self.sight.cancelled.connect(opening.cancel)
        self.progress.cancelled.connect(opening.cancel)

    def begin(self) -> None:
        """Let the keyboard go on here."""
        if self.whereabouts.isVisible():
            self.whereabouts.folder_button.setFocus()

    def _close(self) -> None:
        if not self._opening.taking:
            self._opening.cancel()
        self.closed.emit()

    def _follow(self) -> None:
        opening = self._opening
        intake = opening.intake
        going = opening.looking or opening.taking
        if intake is None and going:
            self.progress.show_title(opening.title)
        elif intake is not None and going:
            self.progress.show_intake(intake)
        elif intake is not None:
            self.sight.show_intake(intake)
        self._heading.setText("Taking it in" if opening.taking else "Looking at it" if going else "Open a model")
        self.progress.setVisible(going)
        self.sight.setVisible(intake is not None and not going)
        self.whereabouts.setVisible(intake is None and not going)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colour("panel"))
        painter.fillRect(0, 0, 1, self.height(), theme.colour("line"))
