"""The sentence near the cursor that says why a link is refused."""

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QLabel, QWidget

LINGER = 2500
BESIDE = QPoint(18, 14)


class Reason(QLabel):
    """A small label that follows the cursor, and goes by itself once the mouse is let go."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("graphReason")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._timer = QTimer(self, singleShot=True, interval=LINGER)
        self._timer.timeout.connect(self.hide)
        self.hide()

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
