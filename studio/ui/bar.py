"""A thin bar that says how far something is."""

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui import theme

WANDERING = 30
PIECE = 0.3


class Bar(QWidget):
    """A thin progress bar; a lit piece wanders along it where the share is not known (it stands still with reduced motion)."""

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        self._share: float | None = 0.0
        self._token = "accent"
        self._width = width
        self._place = 0.0
        self._clock = QTimer(self, interval=WANDERING)
        self._clock.timeout.connect(self._wander)
        self.setFixedHeight(4)
        self.setSizePolicy(QSizePolicy.Policy.Fixed if width else QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_share(self, share: float | None, token: str = "accent") -> None:
        """Fill the bar to `share`, 0 to 1, in a token's colour; None is not known."""
        self._share, self._token = share, token
        self.setAccessibleName("at work" if share is None else f"{100 * share:.0f} percent")
        self._settle()

    def _settle(self) -> None:
        wandering = self._share is None and self.isVisible() and theme.motion() > 0
        if wandering != self._clock.isActive():
            (self._clock.start if wandering else self._clock.stop)()
        self.update()

    def _wander(self) -> None:
        self._place = (self._place + 0.02) % 1
        self.update()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        self._settle()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        self._clock.stop()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(self._width or 96, 4)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(QRectF(self.rect()), 2, 2)
        painter.setBrush(theme.colour(self._token))
        painter.setClipRect(self.rect())
        painter.drawRoundedRect(self._lit(), 2, 2)

    def _lit(self) -> QRectF:
        if self._share is not None:
            return QRectF(0, 0, self._share * self.width(), 4)
        piece = PIECE * self.width()
        left = self._place * (self.width() + piece) - piece if theme.motion() else 0.5 * (self.width() - piece)
        return QRectF(left, 0, piece, 4)
