"""The sentence near the cursor that says why a link is refused."""

from PySide6.QtCore import QPoint, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget

from studio.ui import theme

LINGER = 2500
BESIDE = QPoint(18, 14)


class Reason(QLabel):
    """A small label that follows the cursor, and goes by itself once the mouse is let go."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFont(theme.font("caption"))
        self.setContentsMargins(10, 6, 10, 6)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self, singleShot=True, interval=LINGER)
        self._timer.timeout.connect(self.hide)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour("warn"), 1))
        painter.setBrush(theme.colour("raised"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        painter.end()
        super().paintEvent(event)

    def tell(self, text: str, lasting: bool) -> None:
        """Show `text`, hide where it is empty; unless `lasting`, it goes after a while."""
        self.setText(text)
        self.adjustSize()
        self.setVisible(bool(text))
        self.raise_()
        self._timer.stop() if lasting else self._timer.start()

    def move_to(self, cursor: QPoint) -> None:
        """Stay beside the cursor, inside the canvas."""
        at = cursor + BESIDE
        room = self.parentWidget().rect()
        self.move(min(at.x(), room.right() - self.width()), min(at.y(), room.bottom() - self.height()))
